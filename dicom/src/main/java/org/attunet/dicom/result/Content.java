package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Vr;

/** Content items of structured reports (PS3.3, C.17.3): each has a relation to its parent, a type and mostly a name. */
final class Content {
    /** How an item is related to its parent. */
    enum Relation {
        CONTAINS("CONTAINS"),
        CONTEXT("HAS OBS CONTEXT"),
        CONCEPT("HAS CONCEPT MOD");

        private final String term;

        Relation(String term) {
            this.term = term;
        }
    }

    private static final int REFERENCED_SOP_SEQUENCE = 0x0008_1199;
    private static final int MEASUREMENT_UNITS_CODE_SEQUENCE = 0x0040_08EA;
    private static final int RELATIONSHIP_TYPE = 0x0040_A010;
    private static final int VALUE_TYPE = 0x0040_A040;
    private static final int CONCEPT_NAME_CODE_SEQUENCE = 0x0040_A043;
    private static final int CONTINUITY_OF_CONTENT = 0x0040_A050;
    private static final int UID = 0x0040_A124;
    private static final int TEXT_VALUE = 0x0040_A160;
    private static final int CONCEPT_CODE_SEQUENCE = 0x0040_A168;
    private static final int MEASURED_VALUE_SEQUENCE = 0x0040_A300;
    private static final int NUMERIC_VALUE = 0x0040_A30A;
    private static final int CONTENT_SEQUENCE = 0x0040_A730;

    private Content() {}

    /** Makes an item a container of others. */
    static void putContainer(DataSet item, Code name, List<DataSet> content) {
        item.put(VALUE_TYPE, Vr.CS, "CONTAINER");
        item.put(CONCEPT_NAME_CODE_SEQUENCE, name.items());
        item.put(CONTINUITY_OF_CONTENT, Vr.CS, "SEPARATE");
        item.put(CONTENT_SEQUENCE, content);
    }

    static DataSet container(Code name, List<DataSet> content) {
        DataSet item = new DataSet();
        item.put(RELATIONSHIP_TYPE, Vr.CS, Relation.CONTAINS.term);
        putContainer(item, name, content);
        return item;
    }

    static DataSet text(Relation relation, Code name, String text) {
        DataSet item = item(relation, "TEXT", name);
        item.put(TEXT_VALUE, Vr.UT, Texts.line(text));
        return item;
    }

    static DataSet uid(Relation relation, Code name, String uid) {
        DataSet item = item(relation, "UIDREF", name);
        item.put(UID, Vr.UI, uid);
        return item;
    }

    /** An item with a code, which has further items. */
    static DataSet code(Relation relation, Code name, Code code, DataSet... content) {
        DataSet item = item(relation, "CODE", name);
        item.put(CONCEPT_CODE_SEQUENCE, code.items());
        if (content.length > 0) {
            item.put(CONTENT_SEQUENCE, List.of(content));
        }
        return item;
    }

    /** A measured number, which has further items. */
    static DataSet number(Code name, double value, Code unit, List<DataSet> content) {
        DataSet measured = new DataSet();
        measured.put(MEASUREMENT_UNITS_CODE_SEQUENCE, unit.items());
        measured.put(NUMERIC_VALUE, Vr.DS, value);
        DataSet item = item(Relation.CONTAINS, "NUM", name);
        item.put(MEASURED_VALUE_SEQUENCE, List.of(measured));
        item.put(CONTENT_SEQUENCE, new ArrayList<>(content));
        return item;
    }

    /** A reference to an object. */
    static DataSet image(Code name, DataSet reference) {
        DataSet item = item(Relation.CONTAINS, "IMAGE", name);
        item.put(REFERENCED_SOP_SEQUENCE, List.of(reference));
        return item;
    }

    private static DataSet item(Relation relation, String type, Code name) {
        DataSet item = new DataSet();
        item.put(RELATIONSHIP_TYPE, Vr.CS, relation.term);
        item.put(VALUE_TYPE, Vr.CS, type);
        item.put(CONCEPT_NAME_CODE_SEQUENCE, name.items());
        return item;
    }
}
