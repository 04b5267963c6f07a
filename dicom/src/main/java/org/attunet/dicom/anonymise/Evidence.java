package org.attunet.dicom.anonymise;

import java.util.Set;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Element;

/** Gathers the strings of a data set, with the sequences in it, that identify people. */
final class Evidence {
    private static final Set<Integer> IDENTIFIERS = Set.of(
            0x0008_0050, // Accession Number
            0x0008_0080, // Institution Name
            0x0008_0081, // Institution Address
            0x0008_0092, // Referring Physician's Address
            0x0008_0094, // Referring Physician's Telephone Numbers
            0x0010_0020, // Patient ID
            0x0010_0021, // Issuer of Patient ID
            0x0010_1000, // Other Patient IDs
            0x0010_1040, // Patient's Address
            0x0010_1050, // Insurance Plan Identification
            0x0010_1081, // Branch of Service
            0x0010_1090, // Medical Record Locator
            0x0010_2154, // Patient's Telephone Numbers
            0x0010_2155, // Patient's Telecom Information
            0x0012_0040, // Clinical Trial Subject ID
            0x0012_0042, // Clinical Trial Subject Reading ID
            0x0018_1000, // Device Serial Number
            0x0038_0010, // Admission ID
            0x0038_0060, // Service Episode ID
            0x0040_0253, // Performed Procedure Step ID
            0x0040_1001, // Requested Procedure ID
            0x0040_1103, // Person's Telephone Numbers
            0x0040_1104, // Person's Telecom Information
            0x0040_2016, // Placer Order Number / Imaging Service Request
            0x0040_2017); // Filler Order Number / Imaging Service Request

    /** Identifiers that are often words, and then no evidence. */
    private static final Set<Integer> NUMBERS = Set.of(0x0008_1010, 0x0020_0010); // Station Name, Study ID

    private Evidence() {}

    /** Adds what a data set says of people. */
    static void gather(DataSet set, Identities names, Identities identifiers) {
        for (Element element : set.elements()) {
            int tag = element.tag();
            element.items().forEach(item -> gather(item, names, identifiers));
            switch (element.vr()) {
                case PN -> set.texts(tag).forEach(names::addName);
                case DA, DT -> set.texts(tag).forEach(identifiers::addDate);
                default -> {
                    if (IDENTIFIERS.contains(tag)) {
                        set.texts(tag).forEach(identifiers::addIdentifier);
                    } else if (NUMBERS.contains(tag)) {
                        set.texts(tag).stream()
                                .filter(text -> text.matches(".*\\d.*"))
                                .forEach(identifiers::addIdentifier);
                    }
                }
            }
        }
    }
}
