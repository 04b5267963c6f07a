package org.attunet.dicom.anonymise;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Element;
import org.attunet.dicom.data.Tag;
import org.jspecify.annotations.Nullable;

/** Images that may show who the patient is. */
final class BurnedIn {
    private static final int BURNED_IN_ANNOTATION = 0x0028_0301;
    private static final int CONVERSION_TYPE = 0x0008_0064;
    private static final String STORAGE = "1.2.840.10008.5.1.4.1.1.";

    /** Classes of ultrasound, secondary capture, and photographs and videos by visible light. */
    private static final List<String> CLASSES = List.of(
            "3",
            "3.1",
            "6",
            "6.1",
            "6.2",
            "7",
            "7.1",
            "7.2",
            "7.3",
            "7.4",
            "77.1.1",
            "77.1.1.1",
            "77.1.2.1",
            "77.1.4",
            "77.1.4.1");

    private static final Set<String> MODALITIES = Set.of("US", "IVUS", "ES", "XC", "SC", "OT", "DOC");
    private static final Set<String> GREY = Set.of("CT", "MR", "PT", "NM", "CR", "DX", "MG", "RF", "XA");

    private static final Pattern SCREEN =
            Pattern.compile("(SCREEN.?(SAVE|SHOT|CAPTURE)|DOSE.?(REPORT|INFO)|PATIENT PROTOCOL|PROTOCOL PAGE)");

    private static final Set<String> OF_SLIDE = Set.of("LABEL", "OVERVIEW"); // parts of slides on which labels stick

    private BurnedIn() {}

    /** Whether a data set is a document or a sound, of which nothing can be cleaned. */
    static boolean isDocument(DataSet set) {
        String sopClass = set.text(Tag.SOP_CLASS_UID);
        return sopClass.startsWith(STORAGE + "104.")
                || sopClass.startsWith(STORAGE + "9.4.") // voices
                || set.find(0x0042_0011) != null;
    }

    /** Why pixels may show who the patient is; null if nothing says so. */
    static @Nullable String reason(DataSet set) {
        String stated = set.text(BURNED_IN_ANNOTATION);
        if (stated.equals("YES")) {
            return "it says that annotations are burned in";
        }
        if (isScreen(set)) {
            return "it is a screen, report or label by its image type or series description";
        }
        if (hidesOverlay(set)) {
            return "it has an overlay in unused bits of its pixels";
        }
        if (stated.equals("NO")) {
            return null;
        }
        String modality = set.text(Tag.MODALITY);
        String sopClass = set.text(Tag.SOP_CLASS_UID);
        if (MODALITIES.contains(modality) || CLASSES.stream().anyMatch(one -> sopClass.equals(STORAGE + one))) {
            return "it is an ultrasound image, a secondary capture or a photograph, which often show names";
        }
        if (set.has(CONVERSION_TYPE)) {
            return "it was converted from another medium or a screen";
        }
        return GREY.contains(modality) && isColour(set)
                ? "it is a colour image of a modality that has grey ones, often a screen"
                : null;
    }

    private static boolean isScreen(DataSet set) {
        List<String> types = set.texts(Tag.IMAGE_TYPE);
        String described = String.join(" ", types) + " " + set.text(Tag.SERIES_DESCRIPTION);
        return SCREEN.matcher(described.toUpperCase(Locale.ROOT)).find()
                || (set.text(Tag.MODALITY).equals("SM") && types.stream().anyMatch(OF_SLIDE::contains));
    }

    private static boolean isColour(DataSet set) {
        String photometric = set.text(Tag.PHOTOMETRIC_INTERPRETATION);
        return photometric.startsWith("RGB") || photometric.startsWith("YBR") || photometric.startsWith("PALETTE");
    }

    /** Whether there is an overlay that has no data of its own. */
    private static boolean hidesOverlay(DataSet set) {
        for (Element element : set.elements()) {
            int group = element.tag() >>> 16;
            boolean bits = (group & 0xFF01) == 0x6000 && (element.tag() & 0xFFFF) == 0x0102;
            if (bits && set.find((group << 16) | 0x3000) == null) {
                return true;
            }
        }
        return false;
    }
}
