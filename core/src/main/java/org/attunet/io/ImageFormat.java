package org.attunet.io;

/** A format of image files, for streams, which have no name to tell it. */
public enum ImageFormat {
    /** NIfTI-1 or -2; read also if it is compressed, written uncompressed. */
    NIFTI(".nii"),
    /** NIfTI compressed by gzip; read also if it isn't compressed. */
    NIFTI_GZ(".nii.gz"),
    /** Portable Network Graphics. */
    PNG(".png"),
    /** Lossy; only images are written. */
    JPEG(".jpg"),
    /** Tagged Image File Format, with slices as pages. */
    TIFF(".tif"),
    /** Windows bitmap. */
    BMP(".bmp");

    private final String suffix;

    ImageFormat(String suffix) {
        this.suffix = suffix;
    }

    /** {@return the usual end of a file's name, with its dot} */
    public String suffix() {
        return suffix;
    }
}
