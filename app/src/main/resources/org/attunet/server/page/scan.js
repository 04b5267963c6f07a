// One canvas: an image, the mask over it, and one layer of heat between.

import { HEAT, labelTable, surfaceTable } from './colours.js';
import { bytes } from './api.js';
import { heatRange, numbered, rim } from './voxels.js';

const { Niivue, NVImage, cmapper, SLICE_TYPE, MULTIPLANAR_TYPE, SHOW_RENDER, DRAG_MODE } = globalThis.niivue;

const LABEL_INTENT = 1002; // NIfTI's code for voxels that name things: no interpolation between the numbers
const RGB24 = 128;
const VEIL = 0.1; // of the image in 3D, where the labels matter
const RIM_GAIN = 1.8; // of the labels' opacity: a thin line needs more of it than a plane
const NO_KEY = 'none';

export const VIEWS = {
  planes: SLICE_TYPE.MULTIPLANAR,
  axial: SLICE_TYPE.AXIAL,
  coronal: SLICE_TYPE.CORONAL,
  sagittal: SLICE_TYPE.SAGITTAL,
  solid: SLICE_TYPE.RENDER,
};

const OPTIONS = {
  backColor: [0, 0, 0, 1],
  crosshairColor: [0.35, 0.68, 0.95, 0.65],
  crosshairWidthUnit: 'percent',
  crosshairWidth: 0.18,
  fontColor: [0.62, 0.68, 0.75, 1],
  fontSizeScaling: 0.3,
  fontMinPx: 12,
  tileMargin: 0,
  multiplanarPadPixels: 6,
  multiplanarLayout: MULTIPLANAR_TYPE.GRID,
  multiplanarShowRender: SHOW_RENDER.ALWAYS,
  dragMode: DRAG_MODE.contrast,
  dragAndDropEnabled: false, // the whole page takes files
  smoothDrawing: 1,
  loadingText: '',
  logLevel: 'error',
  clipPlaneHotKey: NO_KEY,
  cycleClipPlaneHotKey: NO_KEY,
  viewModeHotKey: NO_KEY,
};

async function load(href, name) {
  return NVImage.loadFromUrl({ url: await bytes(href), name: `${name}.nii.gz`, trustCalMinMax: false });
}

/** A canvas with NiiVue in it. */
export class Scan {
  #niivue;
  #image = null;
  #mask = null; // as the server gave it
  #rim = null; // its outermost voxels, made when they are wanted
  #masks = []; // what is drawn of it
  #solid = ''; // the labels whose surfaces 3D has
  #heats = new Map();
  #heat = null;
  #wanted = '';
  #hrefs = {};

  constructor(canvas, moved) {
    this.canvas = canvas;
    this.#niivue = new Niivue(OPTIONS);
    this.#niivue.onLocationChange = (location) => moved(location, this);
  }

  /** Takes the canvas; to be called once, when it is visible. */
  async attach() {
    await this.#niivue.attachToCanvas(this.canvas, false);
    this.#surfaces();
    this.canvas.addEventListener('pointerdown', () => this.canvas.focus({ preventScroll: true }));
  }

  /** Lets another scan follow this one's crosshair, zoom and turn. */
  leads(other) {
    this.#niivue.broadcastTo(other ? [other.#niivue] : [], { '2d': true, '3d': true });
  }

  /** Shows a result: its image and its mask. */
  async show(hrefs, picture) {
    const [image, mask] = await Promise.all([load(hrefs.layer_image, 'image'), load(hrefs.layer_mask, 'mask')]);
    mask.hdr.intent_code = LABEL_INTENT;
    this.#hrefs = hrefs;
    this.#heats.clear();
    this.#heat = null;
    this.#image = image;
    this.#mask = mask;
    this.#rim = null;
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
    this.#look();
  }

  /** The slices that show most of the mask: a first look at something rather than at the middle of nothing. */
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

  /** Puts the layers over each other and draws. */
  #arrange() {
    const volumes = [this.#image, ...(this.#heat ? [this.#heat] : []), ...this.#masks];
    this.#niivue.volumes = volumes;
    this.#niivue.back = volumes[0];
    this.#niivue.overlays = volumes.slice(1);
    if (this.#heat) this.#rim ??= rim(this.#mask.img, this.#mask.hdr.dims);
    // Below rims heat keeps its colours.
    for (const mask of this.#masks) {
      mask.img = this.#heat ? this.#rim : this.#mask.img;
      mask.opacity = Math.min(1, mask.wanted * (this.#heat ? RIM_GAIN : 1));
    }
    if (this.#heat) {
      this.#heat.modulationImage = 1; // itself: where there is little heat, the image stays clear
      this.#heat.modulateAlpha = 1;
    }
    this.#draw();
  }

  /**
   * Lets 3D show the labels as shaded surfaces, and slices the overlays. NiiVue draws surfaces of what it calls the drawing,
   * and overlays and drawing in both; so the drawing is there for 3D alone, and the overlays are taken away meanwhile.
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

  /** Makes the surfaces of the labels that are shown. */
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
   * Hands the layers to the graphics card. NiiVue takes the image's opacity in 3D from here and that in slices from when it
   * draws, so that the image can be a veil in one and whole in the other.
   */
  #draw() {
    this.#image.opacity = VEIL;
    this.#niivue.updateGLVolume();
    this.#image.opacity = 1;
    this.#niivue.drawScene();
  }

  /** One more volume of the mask, with the same voxels in memory. */
  #copy() {
    const copy = this.#mask.clone();
    copy.img = this.#mask.img;
    copy.wanted = 1;
    return copy;
  }

  /**
   * Labels as they are wanted: value, name, colour, whether shown, opacity. NiiVue knows one opacity for a volume, so labels
   * that differ in theirs are drawn from copies of the mask that share its voxels.
   */
  labels(labels) {
    this.#surface(labels);
    const opacities = [...new Set(labels.filter((label) => label.shown).map((label) => label.opacity))];
    if (opacities.length === 0) opacities.push(0);
    while (this.#masks.length < opacities.length) this.#masks.push(this.#copy());
    this.#masks.length = opacities.length;
    this.#masks.forEach((mask, k) => {
      const wanted = (label) => label.shown && label.opacity === opacities[k];
      mask.setColormapLabel(labelTable(labels.map((label) => ({ ...label, wanted: wanted(label) }))));
      mask.wanted = opacities[k];
    });
    this.#arrange();
    this.#niivue.createOnLocationChange();
  }

  /** Shows a layer of heat by the name of its file, or none; layers that this result lacks are none. */
  async heat(name, opacity) {
    this.#wanted = name;
    const href = name && this.#hrefs[name];
    if (!href) {
      this.#heat = null;
    } else {
      if (!this.#heats.has(name)) this.#heats.set(name, await load(href, name));
      if (this.#wanted !== name) return; // another one was chosen meanwhile
      this.#heat = this.#heats.get(name);
      this.#heat.colormap = HEAT;
      const range = heatRange(name, this.#heat.img);
      this.#heat.cal_min = range[0];
      this.#heat.cal_max = range[1];
      this.#heat.opacity = opacity;
      this.range = range.map((value) => value / 255);
    }
    if (!this.#image) return;
    this.#arrange();
    this.#niivue.createOnLocationChange();
  }

  /** One of VIEWS. */
  view(type) {
    const opts = this.#niivue.opts;
    opts.crosshairWidth = this.flat ? 0 : OPTIONS.crosshairWidth;
    opts.show3Dcrosshair = !this.flat;
    this.type = this.flat ? VIEWS.axial : type;
    this.#niivue.setSliceType(this.type);
    this.#niivue.createOnLocationChange();
  }

  /** Radiologists look from the feet: the patient's right is on the left. */
  radiological(on) {
    this.#niivue.opts.isRadiologicalConvention = on && !this.picture;
    if (this.#image) this.#draw();
  }

  /** The intensities that are black and white; nothing for the range that holds most of them. */
  window(range) {
    if (!this.#image || this.colour) return;
    [this.#image.cal_min, this.#image.cal_max] = range ?? [this.#image.robust_min, this.#image.robust_max];
    this.#draw();
  }

  /** Whether the intensities look like Hounsfield units. */
  get hounsfield() {
    return !this.colour && this.#image.global_min <= -500 && this.#image.global_max < 5000;
  }

  /** Moves the crosshair by whole voxels along right, anterior, superior; turns the solid view instead. */
  move(x, y, z) {
    if (!this.#image) return;
    const scene = this.#niivue.scene;
    if (this.type === VIEWS.solid) {
      this.#niivue.setRenderAzimuthElevation(scene.renderAzimuth + 5 * x, scene.renderElevation + 5 * (y + z));
    } else {
      this.#niivue.moveCrosshairInVox(x, y, z);
    }
  }

  /** The slices along an axis: how many, and which one is shown. */
  slices(axis) {
    const count = this.#image.dimsRAS[axis + 1];
    return { count, at: this.#niivue.frac2vox(this.#niivue.scene.crosshairPos)[axis] };
  }

  /** What stands at the crosshair: voxel, millimetres, intensity (none of colours), share of heat, label. */
  at(location) {
    const values = location.values.map((entry) => entry.value);
    const [x, y, z] = this.#mask.mm2vox([...location.mm]);
    return {
      voxel: [...location.vox].map((value) => Math.max(0, Math.round(value))),
      millimetres: [...location.mm].slice(0, 3),
      intensity: this.colour ? null : values[0],
      heat: this.#heat ? values[1] / 255 : null,
      label: this.#mask.getValue(x, y, z),
    };
  }

  /** The whole image again, as it was first. */
  reset() {
    this.#niivue.scene.pan2Dxyzmm = [0, 0, 0, 1];
    this.#niivue.scene.volScaleMultiplier = 1;
    this.#niivue.setRenderAzimuthElevation(110, 10);
  }
}
