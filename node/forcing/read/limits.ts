/**
 * What a data file may state about itself. Every size is compared with one of these before memory
 * is asked for: a damaged or hostile file says any number. Real ocean data stays far below.
 */

/** Numbers of one box (256 MiB as float64); a slice of a global 1/24° grid has 37 million nodes,
 * of a 1/12° grid 8.8 million. */
export const BOX_NUMBERS_MAX = 2 ** 25
/** Bytes of one chunk, stored or unpacked: it is decoded whole, however little of it is wanted. */
export const CHUNK_BYTES_MAX = 256 * 1024 * 1024
/** HDF5 allows 32 dimensions; no other format here is asked for more. */
export const RANK_MAX = 32
/** Model output holds hundreds at the most. */
export const VARIABLES_MAX = 10_000
/** Longer attributes (histories) say nothing that is looked for: they are left out. */
export const ATTRIBUTE_BYTES_MAX = 64 * 1024
/** NetCDF-3 headers are read in pieces that double up to this; a longer one holds no ocean data. */
export const HEADER_BYTES_MAX = 64 * 1024 * 1024
/** Metadata of a Zarr store in one piece: 10,000 arrays of 6 KiB. */
export const METADATA_BYTES_MAX = 64 * 1024 * 1024
/** Memory of the HDF5 library in all: a chunk, its filter's buffer and a box of the greatest size
 * as float32, or as float64 one of half that. */
export const HDF5_MEMORY_BYTES_MAX = 768 * 1024 * 1024
/** One call of the HDF5 library: a slice of a global 1/12° grid from a disk of 2 MB/s stays below,
 * a loop that damaged bytes led it into does not end. */
export const HDF5_CALL_MS_MAX = 30_000
