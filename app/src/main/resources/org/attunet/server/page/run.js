// A run: files being segmented by one or two models.

import * as api from './api.js';

export class Run {
  #jobs = []; // as of the last poll
  #sent = 0; // uploaded share of the files
  #end = new AbortController();

  /**
   * @param told is called with the run at each progress
   */
  constructor(files, mirror, objects, told) {
    this.files = [...files];
    this.mirror = mirror;
    this.objects = objects;
    this.told = told;
  }

  /** Aborted when the run is cancelled. */
  get signal() {
    return this.#end.signal;
  }

  /** Segments the files with each model; resolves to the jobs when they have ended. */
  async jobs(models) {
    for (const [k, model] of models.entries()) {
      // not all is sent until the server has answered: before, there is no job that could be ended
      const sent = (share) => this.#change(() => (this.#sent = (k + Math.min(share, 0.999)) / models.length));
      this.#jobs.push(await api.submit(model, this.files, this, this.signal, sent));
    }
    const look = (k) => (job) => this.#change(() => (this.#jobs[k] = job));
    this.#sent = 1;
    const jobs = await Promise.all(this.#jobs.map((job, k) => api.ended(job, look(k), this.signal)));
    this.signal.throwIfAborted();
    return jobs;
  }

  #change(step) {
    step();
    if (!this.signal.aborted) this.told(this);
  }

  /** Cancels the run and deletes its jobs on the server. */
  end() {
    this.#end.abort();
    this.#jobs.forEach(api.discard);
  }

  /** Cancels the run while the page is being left. */
  abandon() {
    this.#end.abort();
    this.#jobs.forEach(api.abandon);
  }

  /** Uploaded share, computed share, seconds left, and whether all jobs wait in the queue. */
  get progress() {
    const sum = (number) => this.#jobs.reduce((total, job) => total + (number(job) ?? 0), 0);
    return {
      sent: this.#sent,
      done: sum((job) => job.progress) / Math.max(1, this.#jobs.length),
      left: sum((job) => job.seconds_left),
      waits: this.#jobs.length > 0 && this.#jobs.every((job) => job.state === 'queued'),
    };
  }
}
