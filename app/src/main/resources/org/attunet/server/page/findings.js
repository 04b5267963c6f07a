// The results: labels with their volumes, heat maps, files.

import { $, duration, make, millilitres, onceAFrame, option, signed, whole } from './dom.js';
import { labelColour } from './colours.js';
import { Objects } from './objects.js';

/** Returns the display name of a heat map, or null for other files. Labels are those of the result. */
function layerName(key, labels) {
  const attention = key.match(/^layer_attention_(.+)$/);
  if (attention) return `Attention: ${attention[1]}`;
  const probability = key.match(/^layer_probability_(\d+)$/);
  if (probability) {
    const value = Number(probability[1]);
    return `Probability: ${labels.find((label) => label.value === value)?.name ?? value}`;
  }
  return { layer_entropy: 'Uncertainty: entropy', layer_mutual_information: 'Uncertainty: disagreement' }[key] ?? null;
}

const FILES = { mask: 'Mask', layer_image: 'Image, as NIfTI', layer_mask: 'Mask, as NIfTI', objects: 'Objects', 'objects.csv': 'Objects, as table', layer_objects: 'Objects, as NIfTI' };

export class Findings {
  #labels = []; // with their value on each side
  #layers = new Map(); // from display name to the file key on each side
  #soon = onceAFrame(() => this.#update());

  /**
   * @param stage shows labels and heat maps
   * @param fault is called with an error message
   */
  constructor(stage, fault) {
    this.stage = stage;
    this.fault = fault;
    this.objects = new Objects(stage);
    $('all').onchange = () => this.mask($('all').checked);
    $('heat').onchange = () => this.#heat();
    $('heat-opacity').oninput = onceAFrame(() => this.stage.fade(this.#opacity));
  }

  /** Shows one or two results. */
  open(results) {
    const good = results.filter((result) => !result.error);
    $('findings').hidden = good.length === 0;
    if (good.length === 0) return;
    this.#take(good);
    this.#table(good);
    this.#facts(good);
    this.#layersOf(good);
    this.#files(good);
    this.#update();
    this.objects.open(good);
    this.#heat();
  }

  /** Merges the labels of all results by name; known names keep their colour and opacity. */
  #take(results) {
    const before = new Map(this.#labels.map((label) => [label.name, label]));
    const found = new Map();
    for (const { side, labels } of results) {
      for (const { value, name } of labels) {
        if (!found.has(name)) found.set(name, { name, values: {}, colour: labelColour(found.size), shown: true, opacity: 0.5 });
        found.get(name).values[side] = value;
      }
    }
    this.#labels = [...found.values()].map((label) => ({ ...label, ...before.get(label.name), values: label.values }));
  }

  #table(results) {
    const two = results.length > 1;
    const counted = results[0].size.length > 2 ? 'voxels' : 'pixels';
    const unit = hasVolume(results[0]) ? 'ml' : counted;
    const heads = two ? ['A', 'B', 'B − A'] : hasVolume(results[0]) ? ['ml', counted] : [counted, 'share'];
    $('volumes').parentElement.classList.toggle('two', two);
    $('volumes-head').replaceChildren(
      make('th', { scope: 'col' }, two ? `Label, ${unit}` : 'Label'),
      ...heads.map((text) => make('th', { scope: 'col', className: 'number' }, text)),
    );
    $('volumes').replaceChildren(...this.#labels.map((label, k) => this.#row(label, k, results)));
    $('all-labels').hidden = this.#labels.length < 2;
  }

  #row(label, k, results) {
    const eye = make('input', { type: 'checkbox', checked: label.shown, id: `label-${k}` });
    eye.onchange = () => this.toggle(k, eye.checked);
    const swatch = make('input', { type: 'color', value: label.colour, title: `Colour of ${label.name}` });
    swatch.setAttribute('aria-label', `Colour of ${label.name}`);
    swatch.oninput = () => {
      label.colour = swatch.value;
      this.#soon();
    };
    const opacity = make('input', { type: 'range', min: 0, max: 1, step: 0.05, value: label.opacity });
    opacity.setAttribute('aria-label', `Opacity of ${label.name}`);
    opacity.oninput = () => {
      label.opacity = Number(opacity.value);
      this.#soon();
    };
    const name = make('label', { htmlFor: eye.id }, label.name);
    const key = make('kbd', {}, k < 9 ? String(k + 1) : '');
    const first = make('th', { scope: 'row' }, make('div', { className: 'label' }, eye, swatch, name, key, opacity));
    return make('tr', {}, first, ...numbers(label, results));
  }

  #facts(results) {
    const rows = [];
    const several = results.length > 1;
    for (const result of results) {
      const side = several ? `${result.side}: confidence` : 'Confidence';
      const quality = result.confidence === null ? 'empty mask' : `${(100 * result.confidence).toFixed(1)} %`;
      rows.push([side, `${quality}, in ${duration(result.seconds.segment)}`]);
    }
    const { size, spacing_mm: spacing } = results[0];
    const millimetres = spacing ? ` of ${lengths(spacing)}` : '';
    rows.push([size.length > 2 ? 'Voxels' : 'Pixels', size.join(' × ') + millimetres]);
    $('facts').replaceChildren(...rows.flatMap(([name, text]) => [make('dt', {}, name), make('dd', {}, text)]));
  }

  #layersOf(results) {
    const before = $('heat').value;
    this.#layers = new Map();
    for (const { side, labels, hrefs } of results) {
      for (const key of Object.keys(hrefs)) {
        const name = layerName(key, labels);
        if (name) this.#layers.set(name, { ...this.#layers.get(name), [side]: key });
      }
    }
    $('heat').replaceChildren(option('', 'none'), ...[...this.#layers.keys()].map((name) => option(name, name)));
    $('heat').value = this.#layers.has(before) ? before : '';
    $('heat').disabled = !this.stage.draws;
  }

  #files(results) {
    const several = results.length > 1;
    const masks = [];
    const rows = [];
    for (const result of results) {
      const text = several ? `Mask ${result.side}` : 'Download mask';
      masks.push(make('a', { href: result.hrefs.mask, download: '', className: 'button' }, text));
      if (result.hrefs.objects) {
        masks.push(make('a', { href: result.hrefs.objects, download: '', className: 'button' }, several ? `Objects ${result.side}` : 'Download objects'));
      }
      for (const [key, href] of Object.entries(result.hrefs)) {
        const name = FILES[key] ?? layerName(key, result.labels) ?? key;
        rows.push(make('li', {}, make('a', { href, download: '' }, several ? `${result.side}: ${name}` : name)));
      }
    }
    $('masks').replaceChildren(...masks);
    $('files').replaceChildren(...rows);
    $('files-count').textContent = String(rows.length);
  }

  /** Shows or hides the k-th label. */
  toggle(k, shown = !this.#labels[k]?.shown) {
    if (!this.#labels[k]) return;
    this.#labels[k].shown = shown;
    this.#update();
  }

  /** Shows or hides all labels. */
  mask(shown = !this.#labels.some((label) => label.shown)) {
    for (const label of this.#labels) label.shown = shown;
    this.#update();
  }

  /** Shows the next attention gate, or none after the last one. */
  attention() {
    if ($('heat').disabled) return;
    const gates = [...this.#layers.keys()].filter((name) => name.startsWith('Attention: '));
    const at = gates.indexOf($('heat').value);
    $('heat').value = gates[at + 1] ?? '';
    this.#heat();
  }

  #update() {
    this.#labels.forEach((label, k) => ($(`label-${k}`).checked = label.shown));
    const shown = this.#labels.filter((label) => label.shown).length;
    $('all').checked = shown > 0;
    $('all').indeterminate = shown > 0 && shown < this.#labels.length;
    this.stage.labels(this.#labels);
  }

  get #opacity() {
    return Number($('heat-opacity').value);
  }

  async #heat() {
    const name = $('heat').value;
    $('heat-tools').hidden = !name;
    delete document.body.dataset.heat;
    try {
      const range = await this.stage.heat(this.#layers.get(name) ?? {}, this.#opacity);
      if (!range) return;
      $('heat-low').textContent = range[0].toFixed(2);
      $('heat-high').textContent = range[1].toFixed(2);
      document.body.dataset.heat = name;
    } catch (failure) {
      if (failure.name === 'AbortError') return; // another map or image was requested meanwhile
      $('heat').value = '';
      this.#heat();
      this.fault(failure.message);
    }
  }
}

const hasVolume = (result) => result.labels.some((label) => typeof label.volume_ml === 'number');

/** 1 × 1 × 2.5 mm, or in µm if they are that small */
function lengths(spacing) {
  const small = Math.max(...spacing) < 0.1;
  const texts = spacing.map((mm) => Number((small ? 1000 * mm : mm).toPrecision(3)));
  return `${texts.join(' × ')} ${small ? 'µm' : 'mm'}`;
}

function numbers(label, results) {
  const entries = results.map((result) => result.labels.find((one) => one.name === label.name));
  const physical = hasVolume(results[0]);
  const amount = (entry) => (physical ? entry.volume_ml : entry.voxels);
  const text = (number) => (physical ? millilitres(number) : whole(number));
  const cell = (content, title = '') => make('td', { className: 'number', title }, content);
  if (results.length > 1) {
    const [a, b] = entries;
    const cells = entries.map((entry) => (entry ? cell(text(amount(entry)), `${whole(entry.voxels)} voxels`) : cell('–')));
    return [...cells, a && b ? cell(signed(text(amount(b) - amount(a)))) : cell('–')];
  }
  const [only] = entries;
  const all = results[0].size.reduce((product, n) => product * n, 1);
  return physical
    ? [cell(text(amount(only))), cell(whole(only.voxels))]
    : [cell(whole(only.voxels)), cell(`${((100 * only.voxels) / all).toFixed(1)} %`)];
}
