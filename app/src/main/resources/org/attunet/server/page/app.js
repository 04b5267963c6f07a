// The viewer: from files to masks on the screen. body[data-state] tells how far it is: idle, running, shown or failed.

import { $, duration } from './dom.js';
import * as api from './api.js';
import * as input from './input.js';
import * as keys from './keys.js';
import * as models from './models.js';
import { Findings } from './findings.js';
import { Run } from './run.js';
import { Stage } from './stage.js';

const SIDES = ['A', 'B'];

let files = [];
let run = null; // what is under way; an older run that is still answered finds itself replaced
let count = 0; // of runs that were shown, for whoever waits for the next one
let kept = []; // jobs whose files are on the screen
let cases = []; // for each image its results, one for each model
let opening = new AbortController(); // of the case that is loaded, aborted by the next one
let loading = null; // the models
const stage = new Stage((at) => open(at).catch(failed));
const findings = new Findings(stage, fault);

function state(word) {
  document.body.dataset.state = word;
  const running = word === 'running';
  $('run').disabled = running || files.length === 0;
  $('cancel').hidden = !running;
  $('progress').hidden = !running;
  $('empty-title').textContent = running ? 'Segmenting …' : 'Drop an image anywhere';
}

/** The state for when nothing is under way; what is goes on. */
function settle(word) {
  if (!run) state(word);
}

/** Shows what went wrong; nothing takes it back. */
function fault(sentence) {
  $('error').textContent = sentence;
  $('error').hidden = !sentence;
  if (sentence) say(sentence);
}

function failed(failure) {
  fault(failure.message);
  settle('failed');
}

/** Tells people who listen to the page. */
function say(sentence) {
  $('said').textContent = sentence;
}

/** The server's models; asked for again where that failed. */
function loaded() {
  loading ??= models.load(() => ($('run').disabled = run !== null || files.length === 0));
  loading.catch(() => (loading = null));
  return loading;
}

function given(chosen, sample) {
  files = chosen;
  close();
  kept.forEach(api.discard); // nothing on the page leads to their files any more
  kept = [];
  if (sample) models.choose(sample);
  else models.hint('');
  $('given').textContent = files.length === 1 ? files[0].name : `${files.length} files, ${files[0].name} …`;
  for (const button of $('samples').children) {
    button.setAttribute('aria-pressed', String(button.dataset.sample === sample?.name));
  }
  segment();
}

/** Has the files segmented by the chosen models and shows what comes of it. */
async function segment() {
  run?.end();
  const mine = new Run(files, $('mirror').checked, progress);
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
    if (mine.signal.aborted) return; // whoever ended it goes on
    if (run !== null && run !== mine) return; // a newer one goes on
    if (run === mine) mine.end();
    run = null;
    failed(failure);
  }
}

/** Shows what a run has found, in place of what was shown before. */
async function present(jobs, found, first) {
  $('cancel').hidden = true;
  $('progress-text').textContent = 'Loading the result';
  const before = kept;
  kept = jobs;
  cases = found;
  try {
    if (!(await open(first))) return;
  } finally {
    before.forEach(api.discard); // nothing on the page leads to their files any more
  }
  document.body.dataset.runs = String(++count);
  if (matchMedia('(max-width: 820px)').matches) $('stage').scrollIntoView();
  const result = cases[first].find((one) => !one.error);
  say(`Done: ${result.name}, ${result.labels.map((label) => label.name).join(', ')}.`);
}

/** Why a job failed: of several images, the first one's fault too. */
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

/** Shows a case; answers whether it did, for another one may be wanted meanwhile. */
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
  document.body.dataset.case = String(at);
  settle('shown');
  return true;
}

/** Leaves nothing of a result on the screen. */
function close() {
  opening.abort();
  stage.close();
  $('findings').hidden = true;
}

const names = () => cases.map((results) => results.find((result) => result.name)?.name ?? '');

/** Ends what is under way. */
function cancel() {
  run?.end();
  run = null;
  $('progress-text').textContent = '';
  say('Cancelled.');
  state(stage.shown ? 'shown' : 'idle');
}

/** Ends what is under way when the page is left; a browser may come back to it as it was. */
function leave() {
  if (!run) return;
  run.abandon();
  run = null;
  state(stage.shown ? 'shown' : 'idle');
}

/** How far a run is, and how long it still takes where that is known. */
function progress({ progress: { sent, done, left, waits } }) {
  const percent = Math.round(100 * (sent < 1 ? sent : done));
  const word = sent < 1 ? `Sending · ${percent} %` : waits ? 'Waiting for other work' : `Segmenting · ${percent} %`;
  $('bar').value = percent / 100;
  $('progress-text').textContent = left >= 1 ? `${word} · about ${duration(Math.round(left))} left` : word;
  const quarter = waits ? word : `Segmenting, ${Math.floor(percent / 25) * 25} percent`; // not each per cent is news
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
  try {
    await loaded();
    await input.offer(given, failed);
    document.body.dataset.ready = 'true';
  } catch (failure) {
    failed(failure);
  }
}

start();
