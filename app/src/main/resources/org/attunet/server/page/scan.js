// One canvas: an image, one heat map over it, and the mask on top.

import { FILL, HEAT, labelTable, objectTable, surfaceTable } from './colours.js';
import { bytes } from './api.js';
import { drawWithFrames } from './frames.js';
import { mark } from './markings.js';
import { heatRange, least, numbered, rim } from './voxels.js';

const { Niivue, NVImage, cmapper, SLICE_TYPE, MULTIPLANAR_TYPE, SHOW_RENDER, DRAG_MODE } = globalThis.niivue;

const LABEL_INTENT = 1002; // NIfTI's intent code for label maps, which are not interpolated
const RGB24 = 128;
const VEIL = 0.1; // opacity of the image in 3D, where the labels matter
const RIM_GAIN = 1.8; // factor on a label's opacity: a thin outline needs more than an area
const NO_KEY = 'none';

const VIEWS = {
  planes: SLICE_TYPE.MULTIPLANAR,
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  solid: SLICE_TYPE.RENDER,
};

const OPTIONS = {
  backColor: [0, 0, 0, 1],
  crosshairColor: [0.17, 0.62, 1, 1],
  crosshairWidthUnit: 'mm',
  crosshairWidth: 1,
  fontColor: [1, 1, 1, 1],
  fontSizeScaling: 0.4,
  fontMinPx: 17,
  tileMargin: 0,
  multiplanarPadPixels: 6,
  multiplanarLayout: MULTIPLANAR_TYPE.GRID,
  multiplanarShowRender: SHOW_RENDER.ALWAYS,
  dragMode: DRAG_MODE.contrast,
  dragAndDropEnabled: false, // the page handles drops
  smoothDrawing: 1,
  loadingText: '',
  logLevel: 'error',
  clipPlaneHotKey: NO_KEY,
  cycleClipPlaneHotKey: NO_KEY,
  viewModeHotKey: NO_KEY,
};

const MOST_VOXELS = 100e6; // NiiVue uses about 20 bytes for each, in memory and on the graphics card

/** Loads a volume from the server. */
async function load(href, name, signal, told) {
  const volume = await NVImage.loadFromUrl({ url: await bytes(href, signal, told), name: `${name}.nii.gz`, trustCalMinMax: false });
  signal.throwIfAborted();
  return volume;
}

/** A canvas with NiiVue in it. */
export class Scan {
  #niivue;
  #image = null;
  #least = 0; // the image's lowest intensity
  #mask = null; // as loaded
  #rim = null; // its outline, computed on demand
  #masks = []; // the drawn copies of it
  #painted = null; // objects that are shown in place of it
  #labels = [];
  #solid = ''; // the labels whose surfaces are loaded in 3D
  #heat = null; // the loaded heat map, with its href and range
  #opacity = 1; // of the heat map
  #hidden = false; // whether the overlays are hidden
  #loading = new AbortController(); // of the heat map being loaded, aborted by the next one
  #hrefs = {};
  #still; // ends the drawing

  constructor(canvas, moved) {
    this.canvas = canvas;
    this.#niivue = new Niivue(OPTIONS);
    this.#niivue.onLocationChange = (location) => moved(location, this);
    this.#still = drawWithFrames(this.#niivue);
  }

  /** Whether it shows an image. */
  get shows() {
    return this.#image !== null;
  }

  /** Attaches to the canvas; to be called once, when it is visible. The scan must be closed even if this fails. */
  async attach() {
    await this.#niivue.attachToCanvas(this.canvas, false);
    this.#surfaces();
    mark(this.#niivue);
    this.canvas.addEventListener('pointerdown', () => this.canvas.focus({ preventScroll: true }));
  }

  /**
   * Frees the volumes and the canvas's WebGL context, of which browsers have few. NiiVue frees some of it when its canvas
   * leaves its frame, but here the frame is removed too.
   */
  close() {
    this.#still();
    this.leads(null);
    this.clear();
    this.#niivue.cleanup();
    this.#niivue.gl?.getExtension('WEBGL_lose_context')?.loseContext();
  }

  /** Frees the volumes. */
  clear() {
    this.#loading.abort();
    this.#hrefs = {};
    this.#image = this.#mask = this.#rim = this.#heat = this.#painted = null;
    this.#masks = [];
    this.#solid = '';
    this.#niivue.volumes = [];
    this.#niivue.back = null;
    this.#niivue.overlays = [];
    this.#niivue.drawBitmap = null;
  }

  /** Returns why a result of this size can't be drawn, or an empty string. */
  obstacle(size) {
    const { gl } = this.#niivue;
    const most = gl.getParameter(gl.MAX_3D_TEXTURE_SIZE);
    const voxels = size.reduce((product, n) => product * n, 1);
    if (Math.max(...size) <= most && voxels <= MOST_VOXELS) return '';
    const bound = voxels > MOST_VOXELS ? `${MOST_VOXELS / 1e6} million voxels` : `${most} voxels along each axis`;
    return `${size.join(' × ')} is too large to be shown: this browser can show up to ${bound}. The files can be downloaded.`;
  }

  /** Synchronises another scan's crosshair, zoom and rotation with this one's. */
  leads(other) {
    this.#niivue.broadcastTo(other ? [other.#niivue] : [], { '2d': true, '3d': true });
  }

  /** Shows a result's image and mask. The previous result stays until they are loaded; the signal aborts loading. */
  async show(hrefs, picture, signal, told) {
    const volumes = [load(hrefs.layer_image, 'image', signal, told), load(hrefs.layer_mask, 'mask', signal, told)];
    const [image, mask] = await Promise.all(volumes);
    mask.hdr.intent_code = LABEL_INTENT;
    this.#loading.abort();
    this.#hrefs = hrefs;
    this.#heat = null;
    this.#image = image;
    this.#least = least(image);
    this.#mask = mask;
    this.#rim = this.#painted = null;
    this.#solid = '';
    this.#masks = [this.#copy()];
    this.picture = picture;
    this.flat = image.hdr.dims[3] < 2;
    this.colour = image.hdr.datatypeCode === RGB24;
    const opts = this.#niivue.opts;
    opts.isRadiologicalConvention = !picture;
    opts.isOrientationTextVisible = !picture;
    this.#niivue.scene.pan2Dxyzmm = [0, 0, 0, 1];
    this.#arrange();
    this.#upload();
    this.#look();
  }

  /** Moves the crosshair to the slices that show most of the mask, or to the middle without a mask. */
  #look() {
    const { dims, affine } = this.#mask.hdr;
    const counts = [1, 2, 3].map((axis) => new Uint32Array(dims[axis]));
    const voxels = this.#mask.img;
    let i = 0;
    for (let z = 0; z < dims[3]; z++) {
      for (let y = 0; y < dims[2]; y++) {
        for (let x = 0; x < dims[1]; x++) {
          if (voxels[i++] === 0) continue;
          counts[0][x]++;
          counts[1][y]++;
          counts[2][z]++;
        }
      }
    }
    const most = counts.map((count) => count.indexOf(Math.max(...count)));
    const middle = [1, 2, 3].map((axis) => (dims[axis] - 1) / 2);
    const voxel = counts[0][most[0]] > 0 ? most : middle;
    const world = [0, 1, 2].map((row) => affine[row][3] + voxel.reduce((sum, v, k) => sum + affine[row][k] * v, 0));
    this.#niivue.scene.crosshairPos = this.#niivue.mm2frac(world);
  }

  /** Stacks the layers; those over the image are to be blended again. */
  #arrange() {
    const heat = this.#shownHeat;
    const volumes = [this.#image, ...(heat ? [heat] : []), ...this.#masks];
    this.#niivue.volumes = volumes;
    this.#niivue.back = volumes[0];
    this.#niivue.overlays = volumes.slice(1);
    if (heat) this.#rim ??= rim(this.#mask.img, this.#mask.hdr.dims);
    // Outlines leave the colours of the heat map visible.
    for (const mask of this.#masks) {
      mask.img = mask.painted ?? (heat ? this.#rim : this.#mask.img);
      mask.opacity = mask.painted ? (heat && mask.wanted < 1 ? 0 : mask.wanted) : Math.min(1, mask.wanted * (heat ? RIM_GAIN : 1));
    }
    if (heat) {
      heat.opacity = this.#opacity;
      heat.modulationImage = 1; // itself: low values are transparent
      heat.modulateAlpha = 1;
    }
  }

  get #shownHeat() {
    return this.#hidden ? null : this.#heat;
  }

  /**
   * Shows the labels as shaded surfaces in 3D and as overlays in slices. NiiVue draws surfaces of its "drawing", and both
   * drawing and overlays in 3D and in slices; so the drawing is visible only in 3D, where the overlays are removed.
   */
  #surfaces() {
    const niivue = this.#niivue;
    const { gl } = niivue;
    const nothing = gl.createTexture();
    const overlay = (texture) => {
      gl.activeTexture(gl.TEXTURE2);
      gl.bindTexture(gl.TEXTURE_3D, texture);
    };
    overlay(nothing);
    gl.texStorage3D(gl.TEXTURE_3D, 1, gl.RGBA8, 1, 1, 1);
    gl.texParameteri(gl.TEXTURE_3D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    const draw3D = niivue.draw3D.bind(niivue);
    niivue.drawOpacity = 0;
    niivue.draw3D = (...place) => {
      overlay(nothing);
      niivue.drawOpacity = 1;
      const said = draw3D(...place);
      niivue.drawOpacity = 0;
      overlay(niivue.overlayTexture);
      return said;
    };
  }

  /** Creates the surfaces of the shown labels. */
  #surface(labels) {
    const shown = labels.filter((label) => label.shown).slice(0, 255);
    if (this.flat || shown.length === 0) {
      this.#solid = '';
      this.#niivue.closeDrawing();
      return;
    }
    this.#niivue.drawLut = cmapper.makeDrawLut(surfaceTable(shown));
    const values = shown.map((label) => label.value);
    if (this.#solid === String(values)) return; // other colours, the same surfaces
    this.#solid = String(values);
    const { hdr, permRAS, img } = this.#mask;
    this.#niivue.loadDrawing({ hdr, permRAS, img: numbered(img, values) });
  }

  /**
   * Uploads the layers to the graphics card. NiiVue reads the image's opacity for 3D now and that for slices when it draws,
   * so the image can be transparent in 3D and opaque in slices.
   */
  #upload() {
    this.#image.opacity = VEIL;
    this.#niivue.gl.deleteTexture(this.#niivue.overlayTexture); // NiiVue creates another one
    this.#niivue.updateGLVolume();
    this.#image.opacity = 1;
  }

  /** Uploads only the overlays; the image stays on the graphics card. */
  #blend() {
    this.#niivue.gl.deleteTexture(this.#niivue.overlayTexture);
    this.#niivue.refreshColormaps();
    this.#niivue.overlays.forEach((volume, k) => this.#niivue.refreshLayers(volume, k + 1));
    this.#niivue.drawScene();
  }

  /** Returns another volume of the mask that shares its voxels. */
  #copy() {
    const copy = this.#mask.clone();
    copy.img = this.#mask.img;
    copy.wanted = 1;
    return copy;
  }

  /**
   * Sets the labels: value, name, colour, whether shown, opacity. NiiVue has one opacity per volume, so labels with
   * different opacities are drawn from copies of the mask that share its voxels.
   *
   * @param hidden whether labels and heat map are hidden temporarily
   */
  labels(wanted, hidden) {
    const labels = wanted.map((label) => ({ ...label, shown: label.shown && !hidden }));
    this.#hidden = hidden;
    this.#surface(labels);
    this.#labels = wanted;
    if (this.#painted) {
      this.#paint(labels.some((label) => label.shown));
      return;
    }
    this.#masks = this.#masks.filter((mask) => !mask.painted);
    const opacities = [...new Set(labels.filter((label) => label.shown).map((label) => label.opacity))];
    if (opacities.length === 0) opacities.push(0);
    while (this.#masks.length < opacities.length) this.#masks.push(this.#copy());
    this.#masks.length = opacities.length;
    this.#masks.forEach((mask, k) => {
      const drawn = (label) => label.shown && label.opacity === opacities[k];
      mask.setColormapLabel(labelTable(labels.map((label) => ({ ...label, wanted: drawn(label) }))));
      mask.wanted = opacities[k];
    });
    this.#arrange();
    this.#blend();
    this.#niivue.createOnLocationChange();
  }

  /** Shows painted objects in place of the mask; null for the mask. */
  objects(painted) {
    this.#painted = painted;
    this.labels(this.#labels, this.#hidden);
  }

  #paint(shown) {
    const { fill, rim: outlines } = this.#painted;
    this.#masks = [fill, outlines].map((bytes, k) => {
      const copy = this.#copy();
      copy.painted = new this.#mask.img.constructor(bytes);
      copy.wanted = k === 0 ? FILL : 1;
      copy.setColormapLabel(objectTable(shown));
      return copy;
    });
    this.#arrange();
    this.#blend();
    this.#niivue.createOnLocationChange();
  }

  /** Returns the place under the pointer: right, anterior, superior; null outside of the image. */
  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.#niivue.uiData.dpr ?? 1;
    const frac = this.#niivue.canvasPos2frac([(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]);
    if (!frac || frac[0] < 0) return null;
    const place = [...this.#mask.mm2vox([...this.#niivue.frac2mm(frac)])].map(Math.round);
    return place.every((v, k) => v >= 0 && v < this.#mask.dimsRAS[k + 1]) ? place : null;
  }

  /** Loads a heat map by the name of its file in place of the previous one; none if this result lacks it. */
  async heat(name, opacity) {
    this.#opacity = opacity;
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const href = this.#hrefs[name] ?? null;
    if (href === (this.#heat?.href ?? null)) return;
    const heat = href && (await load(href, name, signal));
    if (heat) {
      const range = heatRange(name, heat.img);
      Object.assign(heat, { href, range, colormap: HEAT, cal_min: range[0], cal_max: range[1] });
    }
    this.#heat = heat;
    this.#arrange();
    this.#blend();
    this.#niivue.createOnLocationChange();
  }

  /** Returns the values of the first and the last colour, 0 to 1, or null without a heat map. */
  get range() {
    return this.#heat?.range.map((value) => value / 255) ?? null;
  }

  /** Sets the opacity of the heat map, 0 to 1. */
  fade(opacity) {
    this.#opacity = opacity;
    const heat = this.#shownHeat;
    if (!heat) return;
    heat.opacity = opacity;
    this.#blend();
  }

  /** Shows one of VIEWS by its name. */
  view(name) {
    const opts = this.#niivue.opts;
    opts.crosshairWidth = this.flat ? 0 : OPTIONS.crosshairWidth;
    opts.show3Dcrosshair = !this.flat;
    this.type = this.flat ? VIEWS.axial : VIEWS[name];
    this.#niivue.setSliceType(this.type);
    this.#niivue.createOnLocationChange();
  }

  /** Sets the radiological convention: seen from the feet, with the patient's right on the left. */
  radiological(on) {
    this.#niivue.opts.isRadiologicalConvention = on && !this.picture;
    this.#niivue.drawScene();
  }

  /** Sets the intensities that are black and white; null for the range of most intensities. */
  window(range) {
    if (this.colour) return;
    const [low, high] = range ?? [this.#image.robust_min, this.#image.robust_max];
    if (low === this.#image.cal_min && high === this.#image.cal_max) return;
    Object.assign(this.#image, { cal_min: low, cal_max: high });
    this.#upload();
  }

  /** Whether the intensities look like Hounsfield units. */
  get hounsfield() {
    return !this.colour && this.#least <= -500 && this.#image.global_max < 5000;
  }

  /** Moves the crosshair by voxels along right, anterior, superior; rotates the 3D view. */
  move(x, y, z) {
    const scene = this.#niivue.scene;
    if (this.type === VIEWS.solid) {
      this.#niivue.setRenderAzimuthElevation(scene.renderAzimuth + 5 * x, scene.renderElevation + 5 * (y + z));
    } else {
      this.#niivue.moveCrosshairInVox(x, y, z);
    }
  }

  /** Returns the number of slices along an axis and the current one. */
  slices(axis) {
    const count = this.#image.dimsRAS[axis + 1];
    return { count, at: this.#niivue.frac2vox(this.#niivue.scene.crosshairPos)[axis] };
  }

  /** Returns voxel, millimetres, intensity (null for colours), heat map value and label at the crosshair. */
  at(location) {
    const values = location.values.map((entry) => entry.value);
    const [x, y, z] = this.#mask.mm2vox([...location.mm]);
    return {
      voxel: [...location.vox].map((value) => Math.max(0, Math.round(value))),
      millimetres: [...location.mm].slice(0, 3),
      intensity: this.colour ? null : values[0],
      heat: this.#shownHeat ? values[1] / 255 : null,
      label: this.#mask.getValue(x, y, z),
    };
  }

  /** Resets zoom, pan and rotation. */
  reset() {
    this.#niivue.scene.pan2Dxyzmm = [0, 0, 0, 1];
    this.#niivue.scene.volScaleMultiplier = 1;
    this.#niivue.setRenderAzimuthElevation(110, 10);
  }
}
