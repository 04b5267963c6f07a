// A run: some files under way through one or two models.

import * as api from './api.js';

export class Run {
  #jobs = []; // as they were looked at last
  #sent = 0; // share of the files that is with the server
  #end = new AbortController();

  /**
   * @param told hears that the run has come further
   */
  constructor(files, mirror, told) {
    this.files = [...files];
    this.mirror = mirror;
    this.told = told;
  }

  /** Aborted when the run is ended before its time. */
  get signal() {
    return this.#end.signal;
  }

  /** Has each of the models segment the files; answers with the jobs when they have ended. */
  async jobs(models) {
    for (const [k, model] of models.entries()) {
      const sent = (share) => this.#change(() => (this.#sent = (k + share) / models.length));
      this.#jobs.push(await api.submit(model.name, this.files, this.mirror, this.signal, sent));
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

  /** Ends it, and throws away what the server has of it. */
  end() {
    this.#end.abort();
    this.#jobs.forEach(api.discard);
  }

  /** Ends it while the page is being left. */
  abandon() {
    this.#end.abort();
    this.#jobs.forEach(api.abandon);
  }

  /** The share of the files that was sent, and of the work that is done; whether others are served first. */
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
