package org.attunet.dicom.anonymise;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Element;
import org.attunet.dicom.data.Vr;

/**
 * Cleans the data sets of one patient, with the sequences in them.
 *
 * @param names of people of this run
 * @param identifiers of people of this run
 * @param own names and identifiers of the files of the patient and of the study
 * @param days by which dates are shifted to earlier ones
 */
record Cleaner(
        Retention retention,
        Pseudonyms pseudonyms,
        Identities names,
        Identities identifiers,
        Identities own,
        int days) {
    private static final int PATIENT_AGE = 0x0010_1010;
    private static final int CONCEPT_NAME = 0x0040_A043;
    private static final int CODE_VALUE = 0x0008_0100;
    private static final int CODE_SCHEME = 0x0008_0102;
    private static final int CODE_MEANING = 0x0008_0104;
    private static final int SEGMENT_NUMBER = 0x0062_0004;
    private static final int SEGMENT_LABEL = 0x0062_0005;
    private static final int SEGMENTED_PROPERTY_TYPE = 0x0062_000F;

    /** Concepts of reports for the subject's sex, age, weight and height, which are no text (DCM, LN, SCT). */
    private static final Set<String> CHARACTERISTICS = Set.of(
            "121032",
            "121033",
            "29463-7",
            "3141-9",
            "8302-2",
            "3137-7",
            "27113001",
            "50373000",
            "397669002",
            "424144002",
            "263495000");

    private static final int SHORTEST_CODE = 3;
    private static final int FEWEST_DIGITS = 6;
    private static final Pattern UID = Pattern.compile("\\b[0-2](\\.\\d+){5,}\\b");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern AGE = Pattern.compile("\\d{3}[DWMY]");

    /** A new data set with what is kept, in UTF-8. */
    DataSet clean(DataSet source) {
        DataSet target = new DataSet();
        for (Element element : source.elements()) {
            switch (Profile.action(element.tag(), element.vr(), retention)) {
                case REMOVE -> {}
                case EMPTY -> target.put(emptied(element));
                case DUMMY -> dummy(source, element, target);
                case IDENTIFIER, KEEP -> keep(source, element, target, this::own);
                case CLEAN -> keep(source, element, target, text -> own(names.scrub(text)));
                case SHIFT -> shift(source, element, target);
            }
        }
        return target;
    }

    private static Element emptied(Element element) {
        return element.vr() == Vr.SQ
                ? Element.of(element.tag(), List.of())
                : Element.of(element.tag(), element.vr(), new byte[0]);
    }

    private String own(String text) {
        String known = identifiers.scrub(own.scrub(text));
        return UID.matcher(known).replaceAll(match -> pseudonyms.uid(match.group()));
    }

    private void keep(DataSet source, Element element, DataSet target, UnaryOperator<String> text) {
        int tag = element.tag();
        Vr vr = element.vr();
        switch (vr) {
            case SQ -> target.put(tag, items(element));
            case UI -> put(source, element, target, pseudonyms::uid);
            case LO, SH, LT, ST, UC, UT, PN, UR, AE -> put(source, element, target, text);
            case CS -> put(source, element, target, this::code);
            case DS, IS -> put(source, element, target, this::number);
            case AS -> put(source, element, target, value -> age(tag, value));
            case DA, DT, TM -> target.put(emptied(element));
            default -> {
                if (!own.areIn(element.value())) {
                    target.put(element);
                }
            }
        }
    }

    private List<DataSet> items(Element element) {
        List<DataSet> items = new ArrayList<>();
        for (DataSet item : element.items()) {
            boolean left = !retention.characteristics()
                    && item.items(CONCEPT_NAME).stream()
                            .anyMatch(name -> CHARACTERISTICS.contains(name.text(CODE_VALUE)));
            if (!left) {
                items.add(clean(item));
            }
        }
        return items;
    }

    private void put(DataSet source, Element element, DataSet target, UnaryOperator<String> change) {
        List<String> values = source.texts(element.tag());
        List<String> changed = values.stream()
                .map(value -> shortened(element.vr(), value, change.apply(value)))
                .toList();
        target.put(element.tag(), element.vr(), changed.toArray(String[]::new));
    }

    /** The new value; what stands for a removed one if it is longer than its representation may be. */
    private static String shortened(Vr vr, String old, String value) {
        int most = switch (vr) {
            case AE, CS, SH -> 16;
            case LO, PN, UI -> 64;
            default -> Integer.MAX_VALUE;
        };
        return value.length() > most && !value.equals(old) ? Identities.REMOVED : value;
    }

    private String code(String value) {
        return value.length() < SHORTEST_CODE || Terms.isStandard(value) ? value : identifiers.scrub(own.scrub(value));
    }

    private String number(String value) {
        boolean known = value.chars().filter(Character::isDigit).count() >= FEWEST_DIGITS
                && value.chars().allMatch(Character::isDigit)
                && !own.scrub(value).equals(value);
        return known || !DECIMAL.matcher(value).matches() ? "0" : value;
    }

    /** An age, that of people above 89 years being 90. */
    private static String age(int tag, String value) {
        if (!AGE.matcher(value).matches()) {
            return "";
        }
        boolean old = tag == PATIENT_AGE && value.endsWith("Y") && Integer.parseInt(value.substring(0, 3)) > 89;
        return old ? "090Y" : value;
    }

    private void shift(DataSet source, Element element, DataSet target) {
        Vr vr = element.vr();
        List<String> values = new ArrayList<>();
        for (String value : source.texts(element.tag())) {
            String shifted = ShiftedDates.earlier(vr, value, days);
            values.add(shifted != null ? shifted : "");
        }
        if (values.stream().allMatch(String::isEmpty)) {
            target.put(Dummies.of(element));
        } else {
            target.put(element.tag(), vr, values.toArray(String[]::new));
        }
    }

    private void dummy(DataSet source, Element element, DataSet target) {
        if (element.vr() == Vr.SQ) {
            target.put(
                    element.tag(), element.items().stream().map(this::dummyItem).toList());
        } else if (element.vr() == Vr.UI) {
            put(source, element, target, pseudonyms::uid);
        } else if (element.tag() == SEGMENT_LABEL) {
            target.put(SEGMENT_LABEL, Vr.LO, segmentLabel(source));
        } else {
            target.put(Dummies.of(element));
        }
    }

    /** An item that is a code becomes another code. */
    private DataSet dummyItem(DataSet item) {
        if (!item.has(CODE_VALUE)) {
            return clean(item);
        }
        DataSet code = new DataSet();
        code.put(CODE_VALUE, Vr.SH, Identities.REMOVED);
        code.put(CODE_SCHEME, Vr.SH, "99ATTUNET");
        code.put(CODE_MEANING, Vr.LO, Identities.REMOVED);
        return code;
    }

    /** What the segment is by its code, in the place of what somebody called it. */
    private String segmentLabel(DataSet segment) {
        List<DataSet> types = segment.items(SEGMENTED_PROPERTY_TYPE);
        String meaning = types.isEmpty() ? "" : own(types.get(0).text(CODE_MEANING));
        Element number = segment.find(SEGMENT_NUMBER);
        boolean numbered = number != null && number.vr() == Vr.US;
        return !meaning.isEmpty() ? meaning : numbered ? "Segment " + segment.integer(SEGMENT_NUMBER, 0) : "Segment";
    }
}
