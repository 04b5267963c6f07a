// The stage: one or two scans side by side, the toolbar above and the status line below.

import { $, make, option, whole } from './dom.js';
import { graphics } from './graphics.js';
import { Layer } from './layer.js';
import { Painted } from './objects.js';

/** Centre and width of common windows in Hounsfield units. */
const WINDOWS = { 'Soft tissue': [40, 400], Lung: [-600, 1500], Bone: [400, 1800] };

/** The axis perpendicular to each plane: right, anterior, superior. */
const ACROSS = { sagittal: 0, coronal: 1, axial: 2 };

/** Whether an image has no anatomical directions; jobs of older servers have no kind. */
const isPicture = (result) => (result.kind ? result.kind === 'picture' : !result.spacing_mm);

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

export class Stage {
  #scans = [];
  #labels = [];
  #overlay = true;
  #lack = ''; // why the browser can't show all views
  view = 'planes';
  pointed = () => undefined; // called with the number of the object under the pointer, 0 for none

  constructor(turned) {
    this.turned = turned; // called when another case is chosen
    for (const button of $('views').children) button.onclick = () => this.show(button.dataset.view);
    $('window').onchange = () => this.#window();
    $('case').onchange = () => this.turned(Number($('case').value));
    $('reset').onclick = () => this.#open.forEach((scan) => scan.reset());
    $('side').onclick = () => this.#side();
    $('slice').oninput = () => this.#slide(Number($('slice').value));
  }

  get shown() {
    return this.#scans.length > 0;
  }

  /** Whether it shows an image rather than only messages. */
  get draws() {
    return this.#open.length > 0;
  }

  get flat() {
    return this.#open[0]?.flat ?? true;
  }

  /** Shows one or two results, each with its side and model; the signal aborts loading. */
  async open(results, signal) {
    const { Scan, lack } = await graphics();
    signal.throwIfAborted();
    this.#lacks(lack);
    $('scans').hidden = false;
    $('empty').hidden = true;
    while (this.#scans.length < results.length) await this.#add(Scan, signal);
    while (this.#scans.length > results.length) this.#remove();
    const several = results.length > 1;
    $('scans').classList.toggle('two', several);
    const loaded = new Map(); // bytes of each file
    const told = (href, count, length) => {
      loaded.set(href, [count, length]);
      const sums = [0, 1].map((k) => [...loaded.values()].reduce((sum, numbers) => sum + numbers[k], 0));
      this.busy(`Loading the result: ${megabytes(sums[0])} of ${megabytes(sums[1])} MB`);
    };
    this.busy('Loading the result …');
    try {
      await Promise.all(this.#scans.map((scan, k) => this.#fill(scan, results[k], several, signal, told)));
    } finally {
      if (!signal.aborted) this.busy('');
    }
    const [first, second] = this.#open;
    first?.leads(second);
    second?.leads(first);
    this.#bar();
    this.show(this.view);
  }

  /** Shows what is being waited for, over the image; an empty text ends it. */
  busy(text) {
    $('loading').textContent = text;
    $('loading').hidden = !text;
  }

  /** Shows nothing and frees the memory. */
  close() {
    this.busy('');
    while (this.#scans.length > 0) this.#remove();
    $('scans').hidden = true;
    $('empty').hidden = false;
    $('cases').hidden = true;
    $('slices').hidden = true;
    $('where').textContent = '';
  }

  /** Says what the browser lacks and offers the views that it can show. */
  #lacks(lack) {
    this.#lack = lack;
    $('no-graphics').hidden = !lack;
    if (!lack) return;
    $('no-graphics').textContent = `3D and zoom are off: ${lack}. Segmenting, slices and downloads work.`;
    for (const button of $('views').children) button.hidden = ['planes', 'solid'].includes(button.dataset.view);
    if (['planes', 'solid'].includes(this.view)) this.view = 'axial';
  }

  async #add(Scan, signal) {
    const canvas = make('canvas', { tabIndex: 0 });
    const caption = make('figcaption');
    const sentence = make('p', { className: 'obstacle' });
    const figure = make('figure', {}, make('div', { className: 'frame' }, canvas, sentence), caption);
    $('scans').append(figure);
    const scan = new Scan(canvas, (location, from) => this.#moved(location, from));
    Object.assign(scan, { figure, caption, sentence, painted: null });
    canvas.addEventListener('pointermove', (event) => this.pointed(this.#under(scan, event), scan, event));
    canvas.addEventListener('pointerleave', (event) => this.pointed(0, scan, event));
    try {
      await scan.attach();
      signal.throwIfAborted();
    } catch (failure) {
      this.#drop(scan);
      throw failure;
    }
    this.#scans.push(scan);
  }

  #remove() {
    const scan = this.#scans.pop();
    this.#scans.forEach((other) => other.leads(null));
    this.#drop(scan);
  }

  #drop(scan) {
    scan.close();
    scan.figure.remove();
  }

  async #fill(scan, result, several, signal, told) {
    const obstacle = result.error ?? scan.obstacle(result.size);
    if (obstacle) scan.clear();
    else await scan.show(result.hrefs, isPicture(result), signal, told);
    const href = result.hrefs?.layer_objects;
    scan.painted = obstacle || !href ? null : new Painted(await Layer.load(href, signal, told), result.size);
    scan.side = result.side;
    scan.figure.classList.toggle('failed', Boolean(obstacle));
    scan.sentence.textContent = obstacle;
    scan.caption.hidden = !several;
    scan.caption.textContent = several ? `${result.side} · ${result.model}` : '';
    scan.canvas.setAttribute('aria-label', `${result.name}, segmented by ${result.model}`);
  }

  get #open() {
    return this.#scans.filter((scan) => scan.shows);
  }

  #bar() {
    const [scan] = this.#open;
    $('views').hidden = this.flat;
    $('side').hidden = !scan || scan.picture;
    $('windows').hidden = !scan || scan.colour;
    if (!scan || scan.colour) return;
    const ranges = scan.hounsfield ? Object.keys(WINDOWS) : [];
    $('window').replaceChildren(option('', 'Automatic'), ...ranges.map((name) => option(name, name)));
    $('window').value = ranges[0] ?? '';
    this.#window();
  }

  #window() {
    const chosen = WINDOWS[$('window').value];
    const range = chosen ? [chosen[0] - chosen[1] / 2, chosen[0] + chosen[1] / 2] : null;
    this.#open.forEach((scan) => scan.window(range));
  }

  #side() {
    const radiological = $('side').getAttribute('aria-pressed') !== 'true';
    $('side').setAttribute('aria-pressed', String(radiological));
    this.#open.forEach((scan) => scan.radiological(radiological));
  }

  /** Lists the cases to choose from, if there are several images. */
  cases(names, at) {
    $('cases').hidden = names.length < 2;
    $('case').replaceChildren(...names.map((name, k) => option(String(k), `${k + 1}/${names.length} ${name}`)));
    $('case').value = String(at);
  }

  /** Shows a view by its name. */
  show(view) {
    if (this.#lack && ['planes', 'solid'].includes(view)) return;
    this.view = view;
    for (const button of $('views').children) {
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    }
    const radiological = $('side').getAttribute('aria-pressed') === 'true';
    this.#open.forEach((scan) => {
      scan.view(view);
      scan.radiological(radiological);
    });
    this.#slider();
  }

  /** Sets the labels: name, values by side, colour, whether shown, opacity. A scan gets those of its side. */
  labels(labels) {
    this.#labels = labels;
    this.#overlays();
  }

  #under(scan, event) {
    const place = scan.shows && scan.painted ? scan.under(event) : null;
    return place ? scan.painted.at(place) : 0;
  }

  /** Shows objects in place of the masks, or the masks. */
  objects(on) {
    for (const scan of this.#open) scan.objects(on ? scan.painted : null);
  }

  /** Marks an object of a side. */
  choose(number, side) {
    const scan = this.#open.find((one) => one.side === side);
    if (!scan?.painted) return;
    scan.painted.choose(number);
    scan.objects(scan.painted);
  }

  /** Shows or hides all overlays. */
  overlay(on = !this.#overlay) {
    this.#overlay = on;
    this.#overlays();
  }

  #overlays() {
    for (const scan of this.#open) {
      const known = this.#labels.filter((label) => scan.side in label.values);
      scan.labels(known.map((label) => ({ ...label, value: label.values[scan.side] })), !this.#overlay);
    }
  }

  /** Shows a heat map in place of the previous one; resolves to the range of its colours, if there is one. */
  async heat(keys, opacity) {
    await Promise.all(this.#open.map((scan) => scan.heat(keys[scan.side] ?? '', opacity)));
    return this.#open.map((scan) => scan.range).find(Boolean);
  }

  /** Sets the opacity of the heat map, 0 to 1. */
  fade(opacity) {
    this.#open.forEach((scan) => scan.fade(opacity));
  }

  /** Moves by slices or along the three axes: x to the right of the screen, y up, z towards the head. */
  move(x, y, z) {
    const axis = ACROSS[this.view];
    if (this.flat) return;
    const step = [0, 0, 0];
    if (this.view === 'solid') {
      step.splice(0, 3, x, y, 0);
    } else if (axis === undefined) {
      step.splice(0, 3, $('side').getAttribute('aria-pressed') === 'true' ? -x : x, y, z);
    } else {
      step[axis] = x + y + 5 * z;
    }
    this.#open.forEach((scan) => scan.move(...step));
    this.#slider();
  }

  #slide(at) {
    const axis = ACROSS[this.view];
    const step = [0, 0, 0];
    step[axis] = at - Math.round(this.#open[0].slices(axis).at);
    this.#open.forEach((scan) => scan.move(...step));
    this.#slider();
  }

  #slider() {
    const axis = ACROSS[this.view];
    const [scan] = this.#open;
    $('slices').hidden = this.flat || axis === undefined || !scan;
    if ($('slices').hidden) return;
    const { count, at } = scan.slices(axis);
    $('slice').max = String(count - 1);
    $('slice').value = String(Math.round(at));
    $('slice-at').textContent = `${Math.round(at) + 1} / ${count}`;
  }

  #moved(location, scan) {
    const { voxel, millimetres, intensity, heat, label } = scan.at(location);
    const parts = scan.flat
      ? [`pixel ${voxel.slice(0, 2).join(' ')}`]
      : [`voxel ${voxel.join(' ')}`, `${millimetres.map((mm) => mm.toFixed(1)).join(' ')} mm`];
    if (intensity !== null && intensity !== undefined) {
      const unit = scan.hounsfield ? ' HU' : '';
      parts.push(`value ${Number.isInteger(intensity) ? whole(intensity) : intensity.toPrecision(4)}${unit}`);
    }
    if (heat !== null) parts.push(`heat ${heat.toFixed(2)}`);
    const name = this.#labels.find((one) => one.values[scan.side] === label)?.name;
    if (name) parts.push(name);
    $('where').textContent = parts.join('  ·  ');
    this.#slider();
  }
}
