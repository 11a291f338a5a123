/**
 * A process with key, net and blocks in one folder. Puts a text as a block, says its peer id and
 * whether the block was there before, and stops when standard input ends. Arguments: the folder,
 * the text.
 */
import { join } from 'node:path'
import { openNet } from '../../node/net/open-net.ts'
import { openHeliaBlocks } from '../../node/store/helia-blocks.ts'
import { loadOrCreateSecret } from '../../node/store/key-file.ts'
import { toRawBlock } from '../../protocol/canonical.ts'

const [home, text] = process.argv.slice(2)
if (home === undefined || text === undefined) throw new Error('usage: peer.ts HOME TEXT')
const secretKey = await loadOrCreateSecret(join(home, 'peer.key'))
const net = await openNet({ secretKey, home, bootstrap: [], role: 'volunteer' })
const blocks = await openHeliaBlocks(net, join(home, 'blocks'))
const block = toRawBlock(new TextEncoder().encode(text))
const isKept = await blocks.has(block.cid)
await blocks.put(block)
process.stdout.write(`${JSON.stringify({ peerId: net.peerId, isKept })}\n`)
process.stdin.resume()
process.stdin.on('end', () => {
  void blocks.stop().then(() => net.stop())
})
