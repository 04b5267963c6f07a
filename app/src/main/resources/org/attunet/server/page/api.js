// The server's API as the page uses it. Every failure is an Error whose message is the server's own sentence.

const SOON = 200; // milliseconds; most images are done before the second look
const LATEST = 1000;

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Error('The server can’t be reached. Is it still running?');
  }
  if (response.ok) return response;
  let sentence = `The server answered ${response.status}.`;
  try {
    sentence = (await response.json()).error || sentence;
  } catch {
    // Not one of the server's own answers; a proxy's, perhaps.
  }
  throw new Error(sentence);
}

const json = async (path, options) => (await request(path, options)).json();

export const models = async () => (await json('/api/models')).models;

export const samples = async () => (await json('/samples')).samples;

/** A file of the server as the browser's own kind of file. */
export async function sample(entry) {
  const blob = await (await request(entry.href)).blob();
  return new File([blob], entry.file, { type: blob.type });
}

/** The bytes of a result. */
export const bytes = async (href) => (await request(href)).arrayBuffer();

/** Hands images in; answers with the job as it was taken in. */
export function submit(model, files, mirror) {
  const form = new FormData();
  for (const file of files) form.append('image', file, file.name);
  const query = new URLSearchParams({ model, layers: 'true' });
  if (mirror) query.set('tta', 'true');
  return json(`/api/jobs?${query}`, { method: 'POST', body: form });
}

/** Ends a job, or removes what it left; that it is gone already is no failure. */
export const cancel = (job) => request(job.href, { method: 'DELETE' }).catch(() => undefined);

/** Looks at a job until it has ended, telling each look. */
export async function ended(job, look) {
  let pause = SOON;
  for (let now = job; ; now = await json(job.href)) {
    look(now);
    if (['done', 'failed', 'cancelled'].includes(now.state)) return now;
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(LATEST, pause * 1.3);
  }
}
