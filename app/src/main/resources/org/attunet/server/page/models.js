// The choice of the model and of another one to compare it with, and their cards.

import { $, make, option } from './dom.js';
import * as api from './api.js';
import { misfit, ordered, refused, words } from './kind.js';

const TAKES = { volumes: 'volumes', slices: 'slices of scans, and volumes slice by slice', pictures: 'pictures' };

let all = [];
let image = null; // what the image is, as kind.js finds it
let shown = null; // the labels that a sample shows
let picked = () => undefined; // called when a model is chosen by its button

/**
 * Loads the server's models.
 *
 * @param changed is called when another model is chosen
 * @param run is called when a model that fits is chosen by its button
 */
export async function load(changed, run) {
  picked = run;
  all = await api.models();
  const options = () => all.map((model) => option(model.name, model.title === model.name ? model.name : `${model.name} – ${model.title}`));
  $('model').replaceChildren(...options());
  $('other').replaceChildren(option('', 'none'), ...options());
  $('compare').hidden = all.length < 2;
  $('model').onchange = () => {
    card();
    fit();
    changed();
  };
  $('other').onchange = () => {
    fit();
    changed();
  };
  card();
}

/** Returns the chosen models, one or two. */
export function chosen() {
  const names = [$('model').value, $('other').value].filter(Boolean);
  return names.map((name) => all.find((model) => model.name === name));
}

/**
 * Chooses a model for an image: one that was trained on such images, the current one if it is among them.
 *
 * @param found what the image is, or null if the page can't read it
 * @param sample the sample that the image is, or null
 * @return whether a chosen model suits the image
 */
export function choose(found, sample) {
  image = found;
  const fitting = ordered(all, image);
  shown = sample?.shows ?? null;
  const knowing = fitting.filter(knows);
  const candidates = sample && knowing.length > 0 ? knowing : fitting;
  const best = candidates.filter((model) => Boolean(model.hounsfield) === Boolean(candidates[0].hounsfield));
  const [chosenNow] = chosen();
  if (candidates.length > 0 && !best.includes(chosenNow)) $('model').value = candidates[0].name;
  const possible = all.filter((model) => !refused(model, image));
  if (candidates.length === 0 && possible.length > 0 && !possible.includes(chosenNow)) $('model').value = possible[0].name;
  if ($('other').value === $('model').value) $('other').value = '';
  card();
  return fit();
}

/** Forgets the image. */
export function forget() {
  image = null;
  shown = null;
  fit();
}

const knows = (model) => !shown || model.labels.some((label) => shown.includes(label.name));

/** Says whether the chosen models suit the image, and offers others that do; returns whether the models suit it. */
function fit() {
  const models = chosen();
  const reasons = models.map((model) => misfit(model, image)).filter(Boolean);
  const strange = reasons.length === 0 && models.length > 0 && !knows(models[0]);
  if (strange) reasons.push(`${models[0].name} was not trained on what the sample shows (${shown[0]}).`);
  const suits = reasons.length === 0;
  const others = ordered(all, image).filter(knows);
  const sentences = suits ? [] : [...reasons, others.length > 0 ? '' : 'No model of this server fits.', models.some((model) => refused(model, image)) ? '' : 'The mask may be nonsense.'];
  const several = image && others.length > 1;
  $('hint').textContent = suits ? (several ? `${others.length} models fit ${words(image)}:` : '') : sentences.filter(Boolean).join(' ');
  $('hint').classList.toggle('warning', !suits);
  $('hint').hidden = !$('hint').textContent;
  const offered = image && (several || !suits) ? others : [];
  $('fitting').replaceChildren(...offered.map(offer));
  $('fitting').hidden = offered.length === 0;
  $('run').textContent = suits ? 'Segment' : 'Segment anyway';
  return suits;
}

function offer(model) {
  const button = make('button', { type: 'button', textContent: model.name, title: model.title });
  button.setAttribute('aria-pressed', String($('model').value === model.name));
  button.onclick = () => {
    $('model').value = model.name;
    if ($('other').value === model.name) $('other').value = '';
    card();
    fit();
    picked();
  };
  return button;
}

function card() {
  const [model] = chosen();
  if (!model) return;
  $('about').textContent = model.description || model.title;
  $('card').replaceChildren(make('p', {}, model.description || model.title), ...facts(model), ...scores(model.scores ?? []), ...limits(model));
}

function facts(model) {
  const rows = [
    ['Input', `${TAKES[model.takes]}, ${channels(model)}`],
    ['Labels', model.labels.map((label) => label.name).join(', ')],
    ['Objects', model.objects ? 'told apart, counted and measured' : ''],
    ['Overlap', (model.regions ?? []).length > 1 ? 'labels may overlap or nest' : ''],
    ['Version', model.version],
    ['Licence', model.licence],
  ];
  const list = make('dl');
  for (const [name, text] of rows) {
    if (text) list.append(make('dt', {}, name), make('dd', {}, text));
  }
  return [list];
}

function channels(model) {
  if (model.channels === 3) return 'in colour';
  return model.channels === 1 ? '1 channel' : `${model.channels} channels`;
}

function scores(rows) {
  const digits = (score) => (/ (mm|px)$/.test(score.metric) ? 2 : 3);
  const body = rows.map((score) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, `${score.metric}, ${score.label}`),
      make('td', { className: 'number' }, score.mean.toFixed(digits(score))),
      make('td', { className: 'number' }, `${score.low.toFixed(digits(score))}–${score.high.toFixed(digits(score))}`),
    ),
  );
  if (body.length === 0) return [];
  const column = (text, className = '') => make('th', { scope: 'col', className }, text);
  const head = make('tr', {}, column('Score'), column('mean', 'number'), column('95 %', 'number'));
  const table = make('table', {}, make('thead', {}, head), make('tbody', {}, ...body));
  return [table, make('p', { className: 'fine' }, `Measured on ${rows[0].n} ${rows[0].cases}.`)];
}

function limits(model) {
  const sentences = [...(model.limits ?? []), model.intended_use].filter(Boolean);
  return sentences.map((sentence) => make('p', { className: 'fine' }, sentence));
}
