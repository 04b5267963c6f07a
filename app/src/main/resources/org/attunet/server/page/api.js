// The server's API as the page uses it. Every failure is an Error with the server's sentence as its message and, if there
// was a response, its status; an aborted signal fails with an AbortError.

const SOON = 200; // milliseconds; most images are done before the second poll
const LATEST = 1000;
const RETRIES = 4; // of a poll, each after twice the pause of the one before
const FIRST_RETRY = 500;

const fault = (message, status) => Object.assign(new Error(message), { status });
const cut = () =>
  fault('The connection ended while the images were sent: they may be larger than the server takes, or it has stopped.');
const unreachable = () => fault('The server can’t be reached. Is it still running?');

function refused(status, body) {
  try {
    return fault(JSON.parse(body).error || `The server answered ${status}.`, status);
  } catch {
    return fault(`The server answered ${status}.`, status); // not the server's own response, maybe a proxy's
  }
}

async function request(path, options, read) {
  let response;
  try {
    response = await fetch(path, options);
    if (response.ok) return await read(response);
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw unreachable();
  }
  throw refused(response.status, await response.text().catch(() => ''));
}

const json = (path, options) => request(path, options, (response) => response.json());

export const models = async () => (await json('/api/models')).models;

export const samples = async () => (await json('/samples')).samples;

/** Fetches a sample as a File. */
export async function sample(entry) {
  const blob = await request(entry.href, {}, (response) => response.blob());
  return new File([blob], entry.file, { type: blob.type });
}

/**
 * Fetches the bytes of a result.
 *
 * @param told is called with the address, the bytes that have come, and their number in all
 */
export const bytes = (href, signal, told) => request(href, { signal }, (response) => received(href, response, told));

async function received(href, response, told) {
  const length = Number(response.headers.get('Content-Length'));
  if (!told || !length || !response.body) return response.arrayBuffer();
  const all = new Uint8Array(length);
  const reader = response.body.getReader();
  let count = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    all.set(value, count);
    count += value.length;
    told(href, count, length);
  }
  return all.buffer;
}

/**
 * Submits images; resolves to the accepted job. The signal aborts the upload; if everything was sent already, the job is
 * deleted as soon as its id is known.
 *
 * @param sent is called with the uploaded share of the files
 */
export async function submit(model, files, { mirror, objects }, signal, sent) {
  const form = new FormData();
  for (const file of files) form.append('image', file, file.name);
  const query = new URLSearchParams({ model: model.name, layers: 'true' });
  if (objects || model.objects) query.set('as', 'seg,labels,table');
  if (mirror) query.set('tta', 'true');
  const answer = await posted(`/api/jobs?${query}`, form, signal, sent);
  const job = JSON.parse(answer);
  if (signal.aborted) discard(job);
  signal.throwIfAborted();
  return job;
}

/** Uses XMLHttpRequest, since fetch reports no upload progress. */
function posted(path, form, signal, sent) {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const post = new XMLHttpRequest();
    const end = () => post.abort();
    signal.addEventListener('abort', end);
    let sending = false;
    post.upload.onprogress = (event) => {
      sending = event.loaded > 0;
      sent(event.total > 0 ? event.loaded / event.total : 0);
    };
    post.upload.onload = () => signal.removeEventListener('abort', end);
    post.onabort = () => reject(signal.reason);
    post.onerror = () => reject(sending ? cut() : unreachable());
    post.onload = () => {
      if (post.status >= 200 && post.status < 300) resolve(post.responseText);
      else reject(refused(post.status, post.responseText));
    };
    post.onloadend = () => signal.removeEventListener('abort', end);
    post.open('POST', path);
    post.send(form);
  });
}

const remove = (job, options) => request(job.href, { method: 'DELETE', ...options }, () => undefined);

/** Cancels a job and deletes its files; a job that is gone already is no failure. */
export async function discard(job) {
  try {
    await remove(job);
    if (hasEnded(job)) return;
    await ended(job, () => undefined); // a cancelled job is kept until it is deleted
    await remove(job);
  } catch {
    // It is gone, or the server is, which deletes it when it expires.
  }
}

/** Cancels a job while the page is being left. */
export const abandon = (job) => remove(job, { keepalive: true }).catch(() => undefined);

const hasEnded = (job) => ['done', 'failed', 'cancelled'].includes(job.state);

/** Polls a job until it has ended; calls look with each state. */
export async function ended(job, look, signal) {
  let pause = SOON;
  for (let now = job; ; now = await looked(job, signal)) {
    signal?.throwIfAborted();
    look(now);
    if (hasEnded(now)) return now;
    await later(pause);
    pause = Math.min(LATEST, pause * 1.3);
  }
}

/** Polls a job once, with retries: a short failure of a network or proxy doesn't end the job. */
async function looked(job, signal) {
  for (let retry = 0; ; retry++) {
    try {
      return await json(job.href, { signal });
    } catch (failure) {
      const passing = failure.status === undefined || failure.status === 429 || failure.status >= 500;
      if (signal?.aborted || !passing || retry === RETRIES) throw failure;
      await later(FIRST_RETRY * 2 ** retry);
    }
  }
}

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
