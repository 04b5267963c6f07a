// Objects: how many there are, their outlines in colours, and the measures of the one under the pointer or chosen by keys.

import { $, make, whole } from './dom.js';
import { OBJECTS } from './colours.js';
import { rim } from './voxels.js';

const CHOSEN = OBJECTS.length; // the last colour

/** Returns a colour from 1 for each object's number, so that objects that touch differ. */
function colouring(voxels, width, height) {
  const most = voxels.reduce((a, b) => Math.max(a, b), 0);
  const beside = Array.from({ length: most + 1 }, () => new Set());
  const touch = (a, b) => {
    if (a !== b && a !== 0 && b !== 0) {
      beside[a].add(b);
      beside[b].add(a);
    }
  };
  const plane = width * height;
  for (let i = 0; i < voxels.length; i++) {
    if (voxels[i] === 0) continue;
    if ((i + 1) % width !== 0) touch(voxels[i], voxels[i + 1]);
    if (i % plane < plane - width) touch(voxels[i], voxels[i + width]);
    if (i + plane < voxels.length) touch(voxels[i], voxels[i + plane]);
  }
  const colours = new Uint8Array(most + 1);
  for (let number = 1; number <= most; number++) {
    const taken = new Set([...beside[number]].map((other) => colours[other]));
    let colour = 1 + ((5 * number) % (CHOSEN - 1));
    for (let k = 1; k < CHOSEN && taken.has(colour); k++) colour = 1 + (colour % (CHOSEN - 1));
    colours[number] = colour;
  }
  return colours;
}

/** The numbers of one scan's objects, painted for it. */
export class Painted {
  #colours;

  /** @param layer with the numbers */
  constructor(layer, size) {
    this.layer = layer;
    this.numbers = layer.voxels;
    const dims = [3, ...size, 1, 1].slice(0, 4);
    this.#colours = colouring(this.numbers, dims[1], dims[2]);
    const outlines = rim(this.numbers, dims);
    this.fill = Uint8Array.from(this.numbers, (number) => this.#colours[number]);
    this.rim = Uint8Array.from(outlines, (number) => this.#colours[number]);
    this.outlines = outlines;
  }

  /** Returns the number of the object at a place, 0 for none. */
  at(place) {
    return this.layer.value(this.layer.index(place));
  }

  /** Paints an object in the colour of the chosen one, and all others in their own. */
  choose(chosen) {
    for (let i = 0; i < this.numbers.length; i++) {
      if (this.outlines[i] !== 0) this.rim[i] = this.outlines[i] === chosen ? CHOSEN : this.#colours[this.outlines[i]];
    }
  }
}

/** The part of the findings about objects. */
export class Objects {
  #results = [];
  #chosen = 0;

  constructor(stage) {
    this.stage = stage;
    stage.pointed = (number, scan, event) => this.#point(number, scan, event);
    $('outlines').onchange = () => this.show($('outlines').checked);
  }

  /** Shows the counts of one or two results; without objects, nothing. */
  open(results) {
    this.#results = results.filter((result) => result.objects);
    this.#chosen = 0;
    $('objects').hidden = this.#results.length === 0;
    $('tip').hidden = true;
    $('object').textContent = '';
    const several = results.length > 1;
    const counts = this.#results.map((result) => `${several ? `${result.side}: ` : ''}${whole(result.objects.count)}`);
    $('objects-count').textContent = counts.join(', ');
    this.show($('outlines').checked);
  }

  /** Shows the objects' outlines, or the mask. */
  show(on = !$('outlines').checked) {
    if (this.#results.length === 0) return;
    $('outlines').checked = on;
    this.stage.objects(on);
  }

  /** Chooses the next object of the first result, or the one before, and says its measures. */
  step(by) {
    const [result] = this.#results;
    if (!result || result.objects.count === 0) return;
    const { count } = result.objects;
    this.#chosen = this.#chosen === 0 && by < 0 ? count : ((this.#chosen - 1 + by + count) % count) + 1;
    this.stage.choose(this.#chosen, result.side);
    $('object').textContent = this.#text(this.#chosen, result);
  }

  #point(number, scan, event) {
    const result = this.#results.find((one) => one.side === scan.side);
    $('tip').hidden = !number || !result;
    if ($('tip').hidden) return;
    const lines = measures(number, result);
    $('tip').replaceChildren(...lines.map((line, k) => make(k === 0 ? 'strong' : 'span', {}, line)));
    const left = Math.min(event.clientX + 14, innerWidth - $('tip').offsetWidth - 8);
    const top = Math.min(event.clientY + 14, innerHeight - $('tip').offsetHeight - 8);
    Object.assign($('tip').style, { left: `${left}px`, top: `${top}px` });
  }

  #text(number, result) {
    return measures(number, result).join(' · ');
  }
}

/** Returns an object's measures, a text each. */
function measures(number, { objects, labels }) {
  const title = `Object ${number} of ${whole(objects.count)}`;
  const one = objects.list.find((entry) => entry.id === number);
  if (!one) return [title, 'Measures are in the table'];
  const digits = (value) => (value >= 1000 ? whole(value) : Number(value.toPrecision(3)));
  const lines = [
    title,
    one.area === undefined ? `volume ${digits(one.volume)} ${objects.size_unit}` : `area ${digits(one.area)} ${objects.size_unit}`,
    `diameter ${digits(one.equivalent_diameter)} ${objects.length_unit}`,
    one.circularity === undefined ? `sphericity ${one.sphericity.toFixed(2)}` : `circularity ${one.circularity.toFixed(2)}`,
  ];
  if (one.confidence !== null) lines.push(`confidence ${one.confidence.toFixed(2)}`);
  if (labels.length > 1) lines.push(one.label);
  return lines;
}
