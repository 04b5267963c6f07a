// The viewer: from files to masks on the screen. body[data-state] is loading, idle, running, shown or failed.

import { $, duration, make } from './dom.js';
import * as api from './api.js';
import * as input from './input.js';
import * as keys from './keys.js';
import * as models from './models.js';
import { Findings } from './findings.js';
import { graphics } from './graphics.js';
import { look } from './kind.js';
import { Run } from './run.js';
import { Stage } from './stage.js';

const SIDES = ['A', 'B'];

let files = [];
let run = null; // the current run; an older one that gets a late response finds itself replaced
let giving = null; // the images that were given last, until their model is chosen or that is cancelled
let count = 0; // number of runs that were shown, for tests that wait for the next one
let kept = []; // jobs whose files are on the screen
let cases = []; // the results of each image, one per model
let opening = new AbortController(); // of the case being loaded, aborted by the next one
let loading = null; // the promise of the models
const stage = new Stage((at) => open(at).catch(failed));
const findings = new Findings(stage, fault);

function state(word) {
  document.body.dataset.state = word;
  const running = word === 'running';
  $('warnings').hidden = word !== 'shown' || $('warnings').children.length === 0;
  $('run').disabled = running || files.length === 0;
  $('cancel').hidden = !running;
  $('progress').hidden = !running;
  $('empty-title').textContent = running ? 'Segmenting …' : 'Drop an image anywhere';
}

/** Sets the state unless a run is in progress. */
function settle(word) {
  if (!run) state(word);
}

/** Shows an error, or clears it. */
function fault(sentence) {
  $('error').textContent = sentence;
  $('error').hidden = !sentence;
  if (sentence) say(sentence);
}

function failed(failure) {
  fault(failure.message);
  settle('failed');
}

/** Announces a sentence to screen readers. */
function say(sentence) {
  $('said').textContent = sentence;
}

/** Loads the server's models, again if that failed before. */
function loaded() {
  loading ??= models.load(() => ($('run').disabled = run !== null || files.length === 0), segment);
  loading.catch(() => (loading = null));
  return loading;
}

/** Takes images, chooses a model that fits them, and segments them unless none does. */
async function given(chosen, sample) {
  run?.end();
  run = null;
  files = chosen;
  close();
  fault('');
  kept.forEach(api.discard); // the page no longer links to their files
  kept = [];
  $('given').textContent = files.length === 1 ? files[0].name : `${files.length} files, ${files[0].name} …`;
  for (const button of $('samples').children) {
    button.setAttribute('aria-pressed', String(button.dataset.sample === sample?.name));
  }
  state('running');
  $('bar').value = 0;
  $('progress-text').textContent = 'Waiting for the server’s models';
  const mine = (giving = {});
  try {
    const [found] = await Promise.all([look(chosen), loaded()]);
    if (giving !== mine) return; // cancelled, or others were given meanwhile
    if (models.choose(found, sample)) await segment();
    else {
      state('idle');
      $('empty-title').textContent = 'Not segmented yet: see the warning below the model';
    }
  } catch (failure) {
    if (giving === mine) failed(failure);
  }
}

/** Segments the files with the chosen models and shows the results. */
async function segment() {
  run?.end();
  const mine = new Run(files, $('mirror').checked, $('count').checked, progress);
  run = mine;
  fault('');
  state('running');
  $('bar').value = 0;
  $('progress-text').textContent = 'Waiting for the server’s models';
  try {
    await loaded();
    const chosen = models.chosen();
    const jobs = await mine.jobs(chosen);
    if (jobs.some((job) => job.state === 'cancelled')) return cancel();
    const found = gather(jobs, chosen);
    const first = found.findIndex((results) => results.some((result) => !result.error));
    if (first < 0) throw new Error(reason(jobs[0]));
    run = null;
    await present(jobs, found, first);
  } catch (failure) {
    if (mine.signal.aborted) return; // handled where it was ended
    if (run !== null && run !== mine) return; // replaced by a newer run
    if (run === mine) mine.end();
    run = null;
    failed(failure);
  }
}

/** Shows the results of a run in place of the previous ones. */
async function present(jobs, found, first) {
  $('cancel').hidden = true;
  $('progress-text').textContent = 'Loading the result';
  const before = kept;
  kept = jobs;
  cases = found;
  try {
    if (!(await open(first))) return;
  } finally {
    before.forEach(api.discard); // the page no longer links to their files
  }
  document.body.dataset.runs = String(++count);
  if (matchMedia('(max-width: 820px)').matches) $('stage').scrollIntoView();
  const result = cases[first].find((one) => !one.error);
  const counted = result.objects ? `${result.objects.count} objects, ` : '';
  say(`Done: ${result.name}, ${counted}${result.labels.map((label) => label.name).join(', ')}.`);
}

/** Returns why a job failed; of several images, with the error of the first one. */
function reason(job) {
  const [result] = job.results;
  return result?.error && result.error !== job.error ? `${job.error}; the first: ${result.error}` : job.error;
}

function gather(jobs, chosen) {
  const count = Math.max(...jobs.map((job) => job.results.length));
  return Array.from({ length: count }, (_, at) =>
    jobs.map((job, k) => {
      const result = job.results[at] ?? { error: job.error ?? 'this model has no result for the image' };
      return { ...result, model: chosen[k].name, side: SIDES[k] };
    }),
  );
}

/** Shows a case; resolves to false if another one was requested meanwhile. */
async function open(at) {
  opening.abort();
  opening = new AbortController();
  const { signal } = opening;
  const results = cases[at];
  fault('');
  stage.cases(names(), at);
  try {
    if (results.every((result) => result.error)) throw new Error(results[0].error);
    await stage.open(results, signal);
  } catch (failure) {
    if (signal.aborted) return false;
    close();
    stage.cases(names(), at);
    throw failure;
  }
  findings.open(results);
  warn(results);
  document.body.dataset.case = String(at);
  settle('shown');
  return true;
}

/** Shows the results' warnings above the image. */
function warn(results) {
  const several = results.length > 1;
  const sentences = results.flatMap((result) => (result.warnings ?? []).map((text) => (several ? `${result.side}: ${text}` : text)));
  $('warnings').replaceChildren(...sentences.map((text) => make('li', {}, text)));
}

/** Removes the result from the screen. */
function close() {
  opening.abort();
  stage.close();
  $('warnings').replaceChildren();
  $('findings').hidden = true;
}

const names = () => cases.map((results) => results.find((result) => result.name)?.name ?? '');

/** Cancels the current run. */
function cancel() {
  giving = null;
  run?.end();
  run = null;
  $('progress-text').textContent = '';
  say('Cancelled.');
  state(stage.shown ? 'shown' : 'idle');
}

/** Cancels the current run when the page is left; a browser may restore the page as it was. */
function leave() {
  if (!run) return;
  run.abandon();
  run = null;
  state(stage.shown ? 'shown' : 'idle');
}

/** Shows a run's progress and, if known, its remaining time. */
function progress({ progress: { sent, done, left, waits } }) {
  const percent = Math.round(100 * (sent < 1 ? sent : done));
  const word = sent < 1 ? `Sending · ${percent} %` : waits ? 'Waiting in the queue' : done > 0 ? `Segmenting · ${percent} %` : 'Reading the image';
  $('bar').value = percent / 100;
  $('progress-text').textContent = left >= 1 ? `${word} · about ${duration(Math.round(left))} left` : word;
  const quarter = waits ? word : `Segmenting, ${Math.floor(percent / 25) * 25} percent`; // don't announce each per cent
  if (sent === 1 && $('said').textContent !== quarter) say(quarter);
}

async function start() {
  state('idle');
  input.listen(given, failed);
  keys.listen(stage, findings);
  $('run').onclick = segment;
  $('cancel').onclick = cancel;
  $('help-open').onclick = () => $('help').showModal();
  addEventListener('pagehide', leave);
  graphics(); // takes a moment, which the first result need not wait for
  try {
    await loaded();
    await input.offer(given, failed);
    document.body.dataset.ready = 'true';
  } catch (failure) {
    failed(failure);
  }
}

start();
