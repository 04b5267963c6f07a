#!/usr/bin/env bash
# Times the reading of a CT of 512 x 512 x 400 in files of lossless JPEG by attunet and, in turn with it, by dcm2niix; prints the
# medians and whether the two volumes are equal. Only ratios within one session mean anything.
#
#   bench/dicom.sh [--slices N] [--rounds N] [--keep FOLDER]
#
# Needs dcm2niix, dcmcjpeg (dcmtk) and a Python with pydicom and nibabel (PYTHON, by default /usr/bin/python3). The files are
# made in FOLDER, or kept ones used again; without --keep in a temporary folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
attunet=${ATTUNET:-$here/../attunet}
python=${PYTHON:-/usr/bin/python3}
slices=400
rounds=3
keep=
usage() { sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
while [ $# -gt 0 ]; do
  case $1 in
    --slices) slices=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --keep) keep=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=${keep:-$work/files}

if [ ! -d "$files" ]; then
  mkdir -p "$files" "$work/raw"
  "$python" - "$work/raw" "$slices" << 'PY'
import sys
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import generate_uid, ExplicitVRLittleEndian

folder, slices = sys.argv[1], int(sys.argv[2])
random = np.random.default_rng(7)
study, series, frame = generate_uid(), generate_uid(), generate_uid()
y, x = np.mgrid[0:512, 0:512]
for k in range(slices):  # a body with a lung, textured, with noise of 15 HU
    body = np.hypot((x - 256) / 210, (y - 256) / 160) < 1
    lung = body & (np.hypot((x - 180) / 70, (y - 250) / 90) < 1)
    values = np.where(body, 40 + 20 * np.sin(x / 17) * np.cos(y / 23 + k / 9), -1000.0)
    values = values + np.where(lung, -880, 0) + random.normal(0, 15, values.shape)
    d = Dataset()
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    d.PatientName, d.PatientID, d.Modality, d.SeriesNumber, d.InstanceNumber = "Phantom", "1", "CT", 4, k + 1
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = study, series, frame
    d.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    d.ImagePositionPatient, d.ImageOrientationPatient = [-180, -180, float(k)], [1, 0, 0, 0, 1, 0]
    d.PixelSpacing, d.SliceThickness = [0.703, 0.703], 1
    d.Rows = d.Columns = 512
    d.SamplesPerPixel, d.PhotometricInterpretation, d.PixelRepresentation = 1, "MONOCHROME2", 0
    d.BitsAllocated, d.BitsStored, d.HighBit = 16, 12, 11
    d.RescaleIntercept, d.RescaleSlope = -1024, 1
    d.PixelData = np.clip(values + 1024, 0, 4095).astype("<u2").tobytes()
    d.is_little_endian, d.is_implicit_VR = True, False
    d.save_as(f"{folder}/{k:04d}.dcm", write_like_original=False)
PY
  for file in "$work"/raw/*.dcm; do dcmcjpeg +e1 "$file" "$files/$(basename "$file")"; done
  rm -r "$work/raw"
fi

seconds() { # of a command, by the wall clock
  local start; start=$(date +%s.%N)
  "$@" > /dev/null 2>&1
  echo "$start $(date +%s.%N)" | awk '{ printf "%.2f\n", $2 - $1 }'
}
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
"$attunet" --version > /dev/null # builds if need be
for round in $(seq "$rounds"); do
  rm -rf "$work/theirs"; mkdir "$work/theirs"
  seconds dcm2niix -z n -f scan -o "$work/theirs" "$files" >> "$work/dcm2niix"
  seconds "$attunet" convert "$files" -o "$work/scan.nii" >> "$work/attunet"
  echo "round $round: dcm2niix $(tail -n 1 "$work/dcm2niix") s, attunet $(tail -n 1 "$work/attunet") s"
done
"$python" - "$work" << 'PY'
import sys
import nibabel
import numpy as np

ours, theirs = nibabel.load(sys.argv[1] + "/scan.nii"), nibabel.load(sys.argv[1] + "/theirs/scan.nii")
print("affines differ by at most", np.abs(ours.affine - theirs.affine).max(), "mm; voxels that differ:",
      int((np.asarray(ours.dataobj) != np.asarray(theirs.dataobj)).sum()))
PY
echo "median: dcm2niix $(median < "$work/dcm2niix") s, attunet $(median < "$work/attunet") s"
