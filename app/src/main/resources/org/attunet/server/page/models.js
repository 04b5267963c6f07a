// Which model computes, which other one it is compared with, and what their cards say.

import { $, make, option } from './dom.js';
import * as api from './api.js';

let all = [];

/** Asks the server for its models. */
export async function load(changed) {
  all = await api.models();
  const options = () => all.map((model) => option(model.name, model.title === model.name ? model.name : `${model.name} – ${model.title}`));
  $('model').replaceChildren(...options());
  $('other').replaceChildren(option('', 'none'), ...options());
  $('compare').hidden = all.length < 2;
  $('model').onchange = () => {
    card();
    changed();
  };
  $('other').onchange = changed;
  card();
}

/** The chosen models, one or two. */
export function chosen() {
  const names = [$('model').value, $('other').value].filter(Boolean);
  return names.map((name) => all.find((model) => model.name === name));
}

/** Chooses the model that finds something in a sample, and tells where the server has none. */
export function choose(sample) {
  const fits = (model) =>
    model.dimension <= sample.dimension && model.labels.some((label) => sample.shows.includes(label.name));
  const model = all.find(fits);
  hint(model ? '' : `No model of this server knows what the sample shows (${sample.shows[0]}): expect nonsense.`);
  if (!model) return;
  $('model').value = model.name;
  if ($('other').value === model.name) $('other').value = '';
  card();
}

/** Something to know about the choice; nothing is empty. */
export function hint(sentence) {
  $('hint').textContent = sentence;
  $('hint').hidden = !sentence;
}

function card() {
  const [model] = chosen();
  if (!model) return;
  $('about').textContent = model.description || model.title;
  $('card').replaceChildren(make('p', {}, model.description || model.title), ...facts(model), ...scores(model.scores ?? []), ...limits(model));
}

function facts(model) {
  const rows = [
    ['Takes', `${model.dimension === 3 ? 'volumes' : 'pictures, and volumes slice by slice'}, ${channels(model)}`],
    ['Labels', model.labels.map((label) => label.name).join(', ')],
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
  const digits = (score) => (score.metric.includes('mm') ? 2 : 3);
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
