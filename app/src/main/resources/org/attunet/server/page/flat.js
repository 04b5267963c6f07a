// One canvas without WebGL 2: a slice of the image, one heat map over it, and the mask on top. It has the methods of Scan.

import { FILL, OBJECTS, heatColour, rgb } from './colours.js';
import { onceAFrame } from './dom.js';
import { Layer } from './layer.js';
import { heatRange } from './voxels.js';

/** The world axes to the right of the screen and up, and the one across, for each view. */
const PLANES = { axial: [0, 1, 2], coronal: [0, 2, 1], sagittal: [1, 2, 0] };
const ENDS = [['L', 'R'], ['P', 'A'], ['I', 'S']];
const MOST_VOXELS = 100e6;
const SIDE = 900; // pixels of the canvas's longer side, about

export class FlatScan {
  #image = null;
  #mask = null;
  #heat = null; // with its href and range
  #hrefs = {};
  #labels = [];
  #painted = null; // objects that are shown in place of the mask
  #hidden = false;
  #opacity = 1;
  #window = [0, 1];
  #place = [0, 0, 0]; // right, anterior, superior
  #plane = 'axial';
  #radiological = true;
  #loading = new AbortController(); // of the heat map being loaded, aborted by the next one
  #other = null;
  #soon = onceAFrame(() => this.#draw());

  constructor(canvas, moved) {
    this.canvas = canvas;
    this.moved = () => moved(null, this);
  }

  get shows() {
    return this.#image !== null;
  }

  async attach() {
    this.canvas.classList.add('flat');
    this.canvas.onpointerdown = (event) => this.#point(event);
    this.canvas.onwheel = (event) => {
      event.preventDefault();
      const step = [0, 0, 0];
      step[PLANES[this.#plane][2]] = Math.sign(event.deltaY);
      this.move(...step);
    };
  }

  close() {
    this.clear();
    this.#other = null;
  }

  clear() {
    this.#loading.abort();
    this.#hrefs = {};
    this.#image = this.#mask = this.#heat = this.#painted = null;
  }

  obstacle(size) {
    const voxels = size.reduce((product, n) => product * n, 1);
    if (voxels <= MOST_VOXELS) return '';
    return `${size.join(' × ')} is too large to be shown: the page shows up to ${MOST_VOXELS / 1e6} million voxels. The files can be downloaded.`;
  }

  leads(other) {
    this.#other = other;
  }

  async show(hrefs, picture, signal, told) {
    const layers = [Layer.load(hrefs.layer_image, signal, told), Layer.load(hrefs.layer_mask, signal, told)];
    [this.#image, this.#mask] = await Promise.all(layers);
    this.#loading.abort();
    this.#heat = this.#painted = null;
    this.#hrefs = hrefs;
    this.picture = picture;
    this.flat = this.#image.dims[2] < 2;
    this.colour = this.#image.colour;
    this.#window = this.#image.bounds();
    this.#place = this.#busiest();
  }

  /** Returns the place whose slices show most of the mask, or the middle without a mask. */
  #busiest() {
    const { dims, strides, voxels } = this.#mask;
    const counts = dims.map((n) => new Uint32Array(n));
    for (let z = 0; z < dims[2]; z++) {
      for (let y = 0; y < dims[1]; y++) {
        const first = this.#mask.index([0, y, z]);
        for (let x = 0; x < dims[0]; x++) {
          if (voxels[first + x * strides[0]] === 0) continue;
          counts[0][x]++;
          counts[1][y]++;
          counts[2][z]++;
        }
      }
    }
    const most = counts.map((count) => count.indexOf(count.reduce((a, b) => Math.max(a, b), 0)));
    return counts[0][most[0]] > 0 ? most : dims.map((n) => Math.floor(n / 2));
  }

  /** Returns right and up of the plane, their numbers of voxels, and whether columns run against the axis. */
  get #frame() {
    const [right, up, across] = PLANES[this.flat ? 'axial' : this.#plane];
    const against = right === 0 && this.#radiological && !this.picture;
    return { right, up, across, against, width: this.#image.dims[right], height: this.#image.dims[up] };
  }

  #draw() {
    if (!this.shows) return;
    const { right, up, against, width, height } = this.#frame;
    const pixels = new ImageData(width, height);
    const place = [...this.#place];
    for (let row = 0, at = 0; row < height; row++) {
      place[up] = height - 1 - row;
      for (let column = 0; column < width; column++, at += 4) {
        place[right] = against ? width - 1 - column : column;
        this.#colour(this.#image.index(place), this.#mask.index(place), pixels.data, at);
      }
    }
    const small = Object.assign(document.createElement('canvas'), { width, height });
    small.getContext('2d').putImageData(pixels, 0, 0);
    const lengths = [this.#image.lengths[right] * width, this.#image.lengths[up] * height];
    const scale = SIDE / Math.max(...lengths);
    this.canvas.width = Math.max(1, Math.round(lengths[0] * scale));
    this.canvas.height = Math.max(1, Math.round(lengths[1] * scale));
    const pen = this.canvas.getContext('2d');
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, this.canvas.width, this.canvas.height);
    if (!this.flat) this.#cross(pen);
    if (!this.picture) this.#letters(pen);
  }

  #colour(i, m, data, at) {
    const value = this.#image.value(i);
    const [low, high] = this.#window;
    const grey = this.colour ? null : (255 * (value - low)) / (high - low);
    let mixed = grey === null ? [...value] : [grey, grey, grey];
    const mix = (colour, share) => (mixed = mixed.map((v, k) => v + (colour[k] - v) * share));
    if (this.#heat && !this.#hidden) {
      const [from, to] = this.#heat.range;
      const share = Math.max(0, Math.min(1, (this.#heat.voxels[i] - from) / (to - from)));
      mix(heatColour(share), this.#opacity * share);
    }
    const label = this.#labels[this.#mask.voxels[m]];
    if (this.#painted) {
      const colour = this.#painted.rim[m] || this.#painted.fill[m];
      const shown = !this.#hidden && this.#labels.some((one) => one?.shown);
      if (colour && shown) mix(rgb(OBJECTS[colour - 1]), this.#painted.rim[m] ? 1 : FILL);
    } else if (label?.shown) mix(label.rgb, label.opacity);
    data.set([...mixed, 255], at);
  }

  #cross(pen) {
    const { right, up, against, width, height } = this.#frame;
    const column = against ? width - 1 - this.#place[right] : this.#place[right];
    const x = ((column + 0.5) / width) * this.canvas.width;
    const y = (1 - (this.#place[up] + 0.5) / height) * this.canvas.height;
    pen.strokeStyle = '#2b9dff';
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(x, 0);
    pen.lineTo(x, this.canvas.height);
    pen.moveTo(0, y);
    pen.lineTo(this.canvas.width, y);
    pen.stroke();
  }

  #letters(pen) {
    const { right, up, against } = this.#frame;
    const { width, height } = this.canvas;
    const ends = against ? [...ENDS[right]].reverse() : ENDS[right];
    pen.font = 'bold 26px system-ui, sans-serif';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.lineWidth = 5;
    pen.strokeStyle = '#000';
    pen.fillStyle = '#fff';
    const places = [[ends[0], 20, height / 2], [ends[1], width - 20, height / 2], [ENDS[up][1], width / 2, 22], [ENDS[up][0], width / 2, height - 22]];
    for (const [letter, x, y] of places) {
      pen.strokeText(letter, x, y);
      pen.fillText(letter, x, y);
    }
  }

  /** Shows painted objects in place of the mask; null for the mask. */
  objects(painted) {
    this.#painted = painted;
    this.#soon();
  }

  /** Returns the place under the pointer: right, anterior, superior; null outside of the image. */
  under(event) {
    return this.shows ? this.#placeUnder(event) : null;
  }

  /** Moves the crosshair to the pointer. */
  #point(event) {
    if (!this.shows) return;
    this.canvas.focus({ preventScroll: true });
    const place = this.#placeUnder(event);
    if (!place) return;
    this.#go(place);
    this.#other?.follow(place);
  }

  /** Returns the place under the pointer, null outside of the image. */
  #placeUnder(event) {
    const { right, up, against, width, height } = this.#frame;
    const box = this.canvas.getBoundingClientRect();
    const scale = Math.min(box.width / this.canvas.width, box.height / this.canvas.height); // object-fit: contain
    const x = (event.clientX - box.left - (box.width - this.canvas.width * scale) / 2) / (this.canvas.width * scale);
    const y = (event.clientY - box.top - (box.height - this.canvas.height * scale) / 2) / (this.canvas.height * scale);
    if (x < 0 || x >= 1 || y < 0 || y >= 1) return null;
    const column = Math.floor(x * width);
    const place = [...this.#place];
    place[right] = against ? width - 1 - column : column;
    place[up] = height - 1 - Math.floor(y * height);
    return place;
  }

  #go(place) {
    if (!this.shows) return;
    this.#place = place.map((v, k) => Math.max(0, Math.min(this.#image.dims[k] - 1, v)));
    this.#soon();
    this.moved();
  }

  /** Moves where the other scan was moved to. */
  follow(place) {
    if (this.shows) this.#go(place);
  }

  labels(wanted, hidden) {
    this.#hidden = hidden;
    this.#labels = [];
    for (const label of wanted) {
      this.#labels[label.value] = { shown: label.shown && !hidden, opacity: label.opacity, rgb: rgb(label.colour), name: label.name };
    }
    this.#soon();
    this.moved();
  }

  async heat(name, opacity) {
    this.#opacity = opacity;
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const href = this.#hrefs[name] ?? null;
    if (href === (this.#heat?.href ?? null)) return;
    const heat = href && (await Layer.load(href, signal));
    this.#heat = heat && Object.assign(heat, { href, range: heatRange(name, heat.voxels) });
    this.#soon();
    this.moved();
  }

  get range() {
    return this.#heat?.range.map((value) => value / 255) ?? null;
  }

  fade(opacity) {
    this.#opacity = opacity;
    this.#soon();
  }

  view(name) {
    this.#plane = name in PLANES ? name : 'axial';
    this.#soon();
    this.moved();
  }

  radiological(on) {
    this.#radiological = on;
    this.#soon();
  }

  window(range) {
    if (this.colour) return;
    this.#window = range ?? this.#image.bounds();
    this.#soon();
  }

  get hounsfield() {
    return !this.colour && this.#image.bounds()[0] <= -500;
  }

  move(x, y, z) {
    this.#go([x, y, z].map((step, k) => this.#place[k] + step));
  }

  slices(axis) {
    return { count: this.#image.dims[axis], at: this.#place[axis] };
  }

  at() {
    const i = this.#image.index(this.#place);
    return {
      voxel: this.#image.own(this.#place),
      millimetres: this.#image.world(this.#place),
      intensity: this.colour ? null : this.#image.value(i),
      heat: this.#heat && !this.#hidden ? this.#heat.voxels[i] / 255 : null,
      label: this.#mask.voxels[this.#mask.index(this.#place)],
    };
  }

  reset() {
    this.#go(this.#busiest());
  }
}
