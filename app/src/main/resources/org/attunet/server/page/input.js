// Where images come from: dropped anywhere on the page, chosen, or one of the server's samples.

import { $, make } from './dom.js';
import * as api from './api.js';
import { isDicom } from './kind.js';

const IMAGE = /\.(nii(\.gz)?|png|jpe?g|tiff?|bmp|dcm|zip)$/i;

/** Whether a file in a folder is an image by its name, or DICOM, whose files often have no suffix. */
const isImage = async (file) => IMAGE.test(file.name) || (!/^dicomdir$/i.test(file.name) && (await isDicom(file)));

/** Returns the files of a drop, including those in folders. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = (await Promise.all(entries.map(unfold))).flat();
  const images = await Promise.all(files.map(isImage));
  return files.filter((_, k) => images[k]);
}

async function unfold(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const children = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    children.push(...some);
  }
  return (await Promise.all(children.map(unfold))).flat();
}

/**
 * Listens for images.
 *
 * @param given is called with the files, and with the sample if they are one
 * @param failed is called with an error
 */
export function listen(given, failed) {
  const hand = (files, sample) => {
    if (files.length > 0) given(files, sample);
  };
  $('file').onchange = () => {
    hand([...$('file').files], null);
    $('file').value = ''; // allows choosing the same file again
  };
  // In the capture phase, since NiiVue handles drops on its canvas itself.
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const mark = (on) => document.body.classList.toggle('dropping', on);
  addEventListener('dragenter', (event) => carriesFiles(event) && mark(true), true);
  addEventListener('dragleave', (event) => event.relatedTarget === null && mark(false), true);
  addEventListener(
    'dragover',
    (event) => {
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      mark(false);
      if (carriesFiles(event)) dropped(event.dataTransfer).then((files) => hand(files, null), failed);
    },
    true,
  );
}

function kind(sample) {
  if (sample.dimension === 3) return 'volume';
  return sample.file.includes('.nii') ? 'slice' : 'picture';
}

/** Offers the server's samples. */
export async function offer(given, failed) {
  const take = async (sample) => {
    try {
      given([await api.sample(sample)], sample);
    } catch (failure) {
      failed(failure);
    }
  };
  for (const sample of await api.samples()) {
    const button = make('button', { type: 'button', className: 'sample', title: sample.note });
    button.dataset.sample = sample.name;
    button.append(make('strong', {}, sample.title), make('span', {}, kind(sample)));
    button.onclick = () => take(sample);
    $('samples').append(button);
  }
}
