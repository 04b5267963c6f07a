package org.attunet.predict;

import java.awt.image.BufferedImage;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.Orientation;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.picture.Montage;
import org.attunet.picture.Pictures;

/** Images with their masks over them, for a quick look: pictures at full size, volumes as slices side by side. */
final class Overlays {
    private Overlays() {}

    /** Reads the image again, which isn't kept while it is segmented. */
    static BufferedImage of(LabelMap labels, ImageCase one, ModelDescription model) {
        Image image = one.read(model.preprocessing().channels());
        if (image.grid().dimension() == 2) {
            return Pictures.overlay(image, labels);
        }
        boolean scan = Images.isScan(one.files().get(0));
        Orientation upright = scan ? Orientation.canonical(image.grid()) : Orientation.identity(image.grid());
        return Montage.of(upright.apply(image), upright.apply(labels), scan);
    }
}
