// The server's layers: NIfTI-1 files, gzipped, little-endian.

import { bytes } from './api.js';

const ARRAYS = { 2: Uint8Array, 4: Int16Array, 8: Int32Array, 16: Float32Array, 64: Float64Array, 256: Int8Array, 512: Uint16Array };
const RGB24 = 128;

async function unzipped(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

/** Returns the voxel axis that lies closest to each world axis, and whether it runs against it. */
function closest(rows) {
  const left = [0, 1, 2];
  return rows.map((row) => {
    const axis = left.reduce((best, k) => (Math.abs(row[k]) > Math.abs(row[best]) ? k : best), left[0]);
    left.splice(left.indexOf(axis), 1);
    return { axis, against: row[axis] < 0 };
  });
}

/** A layer whose axes are addressed as right, anterior, superior. */
export class Layer {
  /** Loads a layer from the server. */
  static async load(href, signal, told) {
    const layer = new Layer(await unzipped(await bytes(href, signal, told)));
    signal?.throwIfAborted();
    return layer;
  }

  constructor(buffer) {
    const view = new DataView(buffer);
    const dims = [1, 2, 3].map((k) => Math.max(1, view.getInt16(40 + 2 * k, true)));
    const type = view.getInt16(70, true);
    const start = view.getFloat32(108, true);
    this.colour = type === RGB24;
    this.slope = view.getFloat32(112, true) || 1;
    this.shift = view.getFloat32(116, true) || 0;
    const count = dims[0] * dims[1] * dims[2];
    this.voxels = this.colour ? new Uint8Array(buffer, start, 3 * count) : new ARRAYS[type](buffer.slice(start), 0, count);
    this.rows = [0, 1, 2].map((r) => [0, 1, 2, 3].map((c) => view.getFloat32(280 + 16 * r + 4 * c, true)));
    this.axes = closest(this.rows);
    const strides = [1, dims[0], dims[0] * dims[1]];
    this.dims = this.axes.map(({ axis }) => dims[axis]);
    this.strides = this.axes.map(({ axis, against }) => (against ? -strides[axis] : strides[axis]));
    this.start = this.axes.reduce((sum, { against }, k) => sum + (against ? -this.strides[k] * (this.dims[k] - 1) : 0), 0);
    this.lengths = this.axes.map(({ axis }) => Math.hypot(...this.rows.map((row) => row[axis])));
  }

  /** Returns the index of the voxel at right, anterior, superior. */
  index([x, y, z]) {
    return this.start + x * this.strides[0] + y * this.strides[1] + z * this.strides[2];
  }

  /** Returns the value at an index; red, green and blue for colours. */
  value(i) {
    if (this.colour) return this.voxels.subarray(3 * i, 3 * i + 3);
    return this.voxels[i] * this.slope + this.shift;
  }

  /** Returns the file's own voxel index of a place. */
  own(place) {
    const own = [0, 0, 0];
    this.axes.forEach(({ axis, against }, k) => (own[axis] = against ? this.dims[k] - 1 - place[k] : place[k]));
    return own;
  }

  /** Returns the world coordinates of a place. */
  world(place) {
    const own = this.own(place);
    return this.rows.map((row) => row[3] + own.reduce((sum, v, k) => sum + row[k] * v, 0));
  }

  /** Returns the bounds of most values: all but one per cent at either end. */
  bounds() {
    if (this.colour) return [0, 255];
    const step = Math.max(1, Math.floor(this.voxels.length / 50_000));
    const some = Float64Array.from({ length: Math.ceil(this.voxels.length / step) }, (_, k) => this.value(k * step))
      .filter(Number.isFinite)
      .sort();
    const low = some[Math.floor(some.length * 0.01)] ?? 0;
    return [low, Math.max(low + 1e-6, some[Math.floor(some.length * 0.99)] ?? 1)];
  }
}
