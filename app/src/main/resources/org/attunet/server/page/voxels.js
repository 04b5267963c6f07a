// Arithmetic on voxels.

/** Returns the range of a heat map's colours: for attention, which varies little, 99 % of its values; else all. */
export function heatRange(name, voxels) {
  if (!name.startsWith('layer_attention')) return [0, 255];
  const counts = new Uint32Array(256);
  for (const value of voxels) counts[value]++;
  const bound = (order) => {
    let left = voxels.length * 0.005;
    for (const value of order) {
      left -= counts[value];
      if (left < 0) return value;
    }
    return order[order.length - 1];
  };
  const up = [...counts.keys()];
  const low = bound(up);
  return [low, Math.max(low + 1, bound(up.reverse()))];
}

/** Returns the voxels of a mask that share a face with another label; all others are 0. */
export function rim(voxels, dims) {
  const [, width, height, depth] = dims;
  const result = new voxels.constructor(voxels.length);
  const plane = width * height;
  let i = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const label = voxels[i];
        if (label === 0) continue;
        const inside =
          (x === 0 || voxels[i - 1] === label) &&
          (x === width - 1 || voxels[i + 1] === label) &&
          (y === 0 || voxels[i - width] === label) &&
          (y === height - 1 || voxels[i + width] === label) &&
          (z === 0 || voxels[i - plane] === label) &&
          (z === depth - 1 || voxels[i + plane] === label);
        if (!inside) result[i] = label;
      }
    }
  }
  return result;
}

/** Replaces the k-th label's value by k + 1 and all other values by 0. */
export function numbered(voxels, labels) {
  const numbers = new Uint8Array(1 << 16);
  labels.forEach((label, k) => (numbers[label] = k + 1));
  const result = new Uint8Array(voxels.length);
  for (let i = 0; i < voxels.length; i++) result[i] = numbers[voxels[i]];
  return result;
}

/** Returns a volume's lowest intensity; NiiVue's own leaves out a value that much of the border has, such as air. */
export function least(volume) {
  let lowest = Infinity;
  for (const value of volume.img) if (value < lowest) lowest = value;
  return lowest * (volume.hdr.scl_slope || 1) + (volume.hdr.scl_inter || 0);
}
