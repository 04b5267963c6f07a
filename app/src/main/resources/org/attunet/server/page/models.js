// The choice of the model and of another one to compare it with, and their cards.

import { $, make, option } from './dom.js';
import * as api from './api.js';

let all = [];

/** Loads the server's models. */
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

/** Returns the chosen models, one or two. */
export function chosen() {
  const names = [$('model').value, $('other').value].filter(Boolean);
  return names.map((name) => all.find((model) => model.name === name));
}

/** Chooses a model that knows a label of a sample; shows a hint if the server has none. */
export function choose(sample) {
  const fits = (model) =>
    model.dimension <= sample.dimension && model.labels.some((label) => sample.shows.includes(label.name));
  const model = all.find(fits);
  hint(model ? '' : `No model of this server was trained on what the sample shows (${sample.shows[0]}): expect nonsense.`);
  if (!model) return;
  $('model').value = model.name;
  if ($('other').value === model.name) $('other').value = '';
  card();
}

/** Shows a hint about the choice, or hides it if it is empty. */
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
    ['Input', `${model.dimension === 3 ? 'volumes' : 'pictures, and volumes slice by slice'}, ${channels(model)}`],
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
