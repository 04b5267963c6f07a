package org.attunet.annotation;

/** The ways in which data sets keep the objects of their images. */
public enum ObjectLayout {
    /** A mask for each object: {@code ID/images/ID.png} beside {@code ID/masks/*.png}, or {@code masks/ID/*.png}. */
    MASK_FILES("a mask for each object"),
    /** Images whose values are numbers of objects. */
    LABEL_IMAGES("label images whose values number the objects"),
    /** One JSON file for many images, beside or above them. */
    COCO("COCO annotations"),
    /** QuPath's export, {@code x.geojson} for {@code x.tif}. */
    GEOJSON("GeoJSON outlines"),
    /** ImageJ's selections, {@code x.zip}, {@code x_rois.zip}, {@code RoiSet_x.zip} or {@code x.roi} for {@code x.tif}. */
    IMAGEJ_ROIS("ImageJ selections");

    private final String text;

    ObjectLayout(String text) {
        this.text = text;
    }

    /** {@return a phrase for the user, such as "a mask for each object"} */
    public String text() {
        return text;
    }
}
