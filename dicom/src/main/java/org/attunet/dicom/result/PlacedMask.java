package org.attunet.dicom.result;

import java.util.List;
import org.attunet.image.LabelMap;

/**
 * A mask that was read onto the grid of a series.
 *
 * @param labels the mask
 * @param notes what the user should know, in sentences, such as which segments overlap; often none
 */
public record PlacedMask(LabelMap labels, List<String> notes) {}
