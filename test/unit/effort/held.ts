/** A thread that works one step under the brake it is given. */
import { parentPort, workerData } from 'node:worker_threads'
import { restOn } from '../../../node/worker/effort/brake.ts'

const tell = (isResting: boolean): void => parentPort?.postMessage(`resting ${isResting}`)
restOn(workerData as SharedArrayBuffer, { nowMs: () => performance.now(), tell })()
parentPort?.postMessage('done')
