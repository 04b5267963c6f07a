// The viewer: from files to masks on the screen. body[data-state] tells how far it is: idle, running, shown or failed.

import { $, duration } from './dom.js';
import * as api from './api.js';
import * as input from './input.js';
import * as keys from './keys.js';
import * as models from './models.js';
import { Findings } from './findings.js';
import { Stage } from './stage.js';

const SIDES = ['A', 'B'];

let files = [];
let run = null; // the run that counts; an older one that is still answered finds itself replaced
let count = 0; // of runs that were shown, for whoever waits for the next one
let kept = []; // jobs whose files are on the screen
let cases = []; // for each image its results, one for each model
const stage = new Stage((at) => open(at).catch(failed));
const findings = new Findings(stage);

function state(word) {
  document.body.dataset.state = word;
  const running = word === 'running';
  $('run').disabled = running || files.length === 0;
  $('cancel').hidden = !running;
  $('progress').hidden = !running;
  $('empty-title').textContent = running ? 'Segmenting …' : 'Drop an image anywhere';
}

function failed(failure) {
  $('error').textContent = failure.message;
  $('error').hidden = false;
  say(failure.message);
  state('failed');
}

/** Tells people who listen to the page. */
function say(sentence) {
  $('said').textContent = sentence;
}

function given(chosen, sample) {
  files = chosen;
  stage.close();
  $('findings').hidden = true;
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
  await stop();
  const mine = { jobs: [], looks: [] };
  run = mine;
  $('error').hidden = true;
  state('running');
  progress(mine, null);
  try {
    const chosen = models.chosen();
    for (const model of chosen) mine.jobs.push(await api.submit(model.name, files, $('mirror').checked));
    const look = (k) => (job) => {
      mine.looks[k] = job;
      if (run === mine) progress(mine, job);
    };
    const jobs = await Promise.all(mine.jobs.map((job, k) => api.ended(job, look(k))));
    if (run !== mine) return;
    if (jobs.some((job) => job.state === 'cancelled')) return cancelled();
    if (jobs.every((job) => job.state === 'failed')) throw new Error(jobs[0].error);
    cases = gather(jobs, chosen);
    await open(0);
    if (run !== mine) return;
    kept.forEach(api.cancel); // nothing on the page leads to their files any more
    kept = jobs;
    shown();
  } catch (failure) {
    if (run === mine) failed(failure);
  }
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

async function open(at) {
  const results = cases[at];
  if (results.every((result) => result.error)) {
    stage.cases(names(), at);
    throw new Error(results[0].error);
  }
  $('error').hidden = true;
  await stage.open(results);
  await findings.open(results);
  stage.cases(names(), at);
  document.body.dataset.case = String(at);
}

const names = () => cases.map((results) => results.find((result) => result.name)?.name ?? '');

function shown() {
  state('shown');
  document.body.dataset.runs = String(++count);
  if (matchMedia('(max-width: 820px)').matches) $('stage').scrollIntoView();
  const [result] = cases[0];
  say(result.error ?? `Done: ${result.name}, ${result.labels.map((label) => label.name).join(', ')}.`);
}

function cancelled() {
  $('progress-text').textContent = '';
  say('Cancelled.');
  state(stage.shown ? 'shown' : 'idle');
}

/** How far all jobs of a run are together, and how long they still take where that is known. */
function progress(mine, job) {
  const share = mine.looks.reduce((sum, look) => sum + look.progress, 0) / Math.max(1, mine.jobs.length);
  const left = mine.looks.reduce((sum, look) => sum + (look.seconds_left ?? 0), 0);
  $('bar').value = share;
  const percent = Math.round(100 * share);
  const waits = mine.looks.length > 0 && mine.looks.every((look) => look.state === 'queued');
  const word = job === null ? 'Sending' : waits ? 'Waiting for other work' : `Segmenting · ${percent} %`;
  $('progress-text').textContent = left >= 1 ? `${word} · about ${duration(Math.round(left))} left` : word;
  const quarter = waits ? word : `Segmenting, ${Math.floor(percent / 25) * 25} percent`; // not each per cent is news
  if (job !== null && $('said').textContent !== quarter) say(quarter);
}

/** Ends what is under way. */
async function stop() {
  const old = run;
  run = null;
  if (old && document.body.dataset.state === 'running') await Promise.all(old.jobs.map(api.cancel));
}

async function start() {
  state('idle');
  input.listen(given, failed);
  keys.listen(stage, findings);
  $('run').onclick = segment;
  $('cancel').onclick = async () => {
    await stop();
    cancelled();
  };
  $('help-open').onclick = () => $('help').showModal();
  try {
    await models.load(() => ($('run').disabled = files.length === 0));
    await input.offer(given, failed);
    document.body.dataset.ready = 'true';
  } catch (failure) {
    failed(failure);
  }
}

start();
