package org.attunet.dicom.anonymise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnonymiserTest {
    private static final int NAME = 0x0010_0010;
    private static final int PATIENT_ID = 0x0010_0020;
    private static final int BIRTH_DATE = 0x0010_0030;
    private static final int STUDY_DATE = 0x0008_0020;
    private static final int CONTENT_DATE = 0x0008_0023;
    private static final int SOURCE_IMAGES = 0x0008_2112;
    private static final int REFERENCED_INSTANCE = 0x0008_1155;
    private static final String CT = "1.2.840.10008.5.1.4.1.1.2";

    private static DataSet image(String patient, String instance) {
        DataSet set = new DataSet();
        set.put(Tag.SOP_CLASS_UID, Vr.UI, CT);
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, instance);
        set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, "1.2.3.4");
        set.put(NAME, Vr.PN, "Müller-Lüdenscheidt^Jörg");
        set.put(PATIENT_ID, Vr.LO, patient);
        set.put(BIRTH_DATE, Vr.DA, "19620229");
        set.put(STUDY_DATE, Vr.DA, "20200229");
        set.put(CONTENT_DATE, Vr.DA, "20200301");
        set.put(Tag.SERIES_DESCRIPTION, Vr.LO, "Thorax");
        return set;
    }

    @Test
    void identifiersAreReplacedAlikeAndThoseOfTheStandardKept() {
        DataSet second = image("1", "1.2.3.5");
        DataSet reference = new DataSet();
        reference.put(0x0008_1150, Vr.UI, CT);
        reference.put(REFERENCED_INSTANCE, Vr.UI, "1.2.3.4.1");
        second.put(SOURCE_IMAGES, List.of(reference));
        Anonymiser anonymiser = new Anonymiser(Retention.NONE);

        DataSet first = anonymiser.anonymise(image("1", "1.2.3.4.1"));
        DataSet other = anonymiser.anonymise(second);
        DataSet elsewhere = new Anonymiser(Retention.NONE).anonymise(image("1", "1.2.3.4.1"));

        String instance = first.text(Tag.SOP_INSTANCE_UID);
        assertThat(instance).startsWith("2.25.").hasSizeLessThanOrEqualTo(64);
        assertThat(other.items(SOURCE_IMAGES).get(0).text(REFERENCED_INSTANCE)).isEqualTo(instance);
        assertThat(other.items(SOURCE_IMAGES).get(0).text(0x0008_1150)).isEqualTo(CT);
        assertThat(other.text(Tag.STUDY_INSTANCE_UID)).isEqualTo(first.text(Tag.STUDY_INSTANCE_UID));
        assertThat(first.text(Tag.SOP_CLASS_UID)).isEqualTo(CT);
        assertThat(elsewhere.text(Tag.SOP_INSTANCE_UID)).isNotEqualTo(instance);
    }

    @Test
    void aKeyGivesTheSameInEachRun() {
        byte[] key = "sixteen bytes or".getBytes(StandardCharsets.US_ASCII);
        Retention shifted = new Retention(true, false, false);
        Anonymiser later = new Anonymiser(shifted, key);
        later.anonymise(image("another", "1.2.9"));

        DataSet first = new Anonymiser(shifted, key).anonymise(image("7", "1.2.3"));
        DataSet again = later.anonymise(image("7", "1.2.3"));

        for (int tag : new int[] {Tag.SOP_INSTANCE_UID, PATIENT_ID, STUDY_DATE}) {
            assertThat(again.text(tag)).isEqualTo(first.text(tag)).isNotEmpty();
        }
        assertThat(new Anonymiser(shifted, "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII))
                        .anonymise(image("7", "1.2.3"))
                        .text(Tag.SOP_INSTANCE_UID))
                .isNotEqualTo(first.text(Tag.SOP_INSTANCE_UID));
        assertThatThrownBy(() -> new Anonymiser(shifted, new byte[15])).isInstanceOf(AttunetException.class);
    }

    @Test
    void patientsAreNumbered() {
        Anonymiser anonymiser = new Anonymiser(Retention.NONE);

        assertThat(anonymiser.anonymise(image("A", "1.2.1")).text(PATIENT_ID)).isEqualTo("P0001");
        assertThat(anonymiser.anonymise(image("B", "1.2.2")).text(NAME)).isEqualTo("P0002");
        assertThat(anonymiser.anonymise(image("A", "1.2.3")).text(NAME)).isEqualTo("P0001");
    }

    @Test
    void datesAreRemovedUnlessTheyAreShifted() {
        DataSet removed = new Anonymiser(Retention.NONE).anonymise(image("1", "1.2"));
        Anonymiser shifting = new Anonymiser(new Retention(true, false, false));
        DataSet shifted = shifting.anonymise(image("1", "1.2"));
        DataSet other = shifting.anonymise(image("2", "1.3"));

        assertThat(removed.find(STUDY_DATE).value()).isEmpty();
        assertThat(removed.text(CONTENT_DATE)).isEqualTo("19000101"); // required
        assertThat(removed.text(0x0028_0303)).isEqualTo("REMOVED");
        assertThat(shifted.text(0x0028_0303)).isEqualTo("MODIFIED");
        assertThat(shifted.find(BIRTH_DATE).value()).isEmpty();
        LocalDate study = date(shifted.text(STUDY_DATE));
        assertThat(study).isBetween(LocalDate.of(2010, 3, 1), LocalDate.of(2020, 2, 28));
        assertThat(ChronoUnit.DAYS.between(study, date(shifted.text(CONTENT_DATE))))
                .isEqualTo(1);
        assertThat(other.text(STUDY_DATE)).isNotEqualTo(shifted.text(STUDY_DATE));
    }

    private static LocalDate date(String text) {
        return LocalDate.parse(text, DateTimeFormatter.BASIC_ISO_DATE);
    }

    /** PS3.5, 6.2: dates with points are of ACR-NEMA; times and zones stay; what isn't whole is nothing. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "DA, 20200301, 20200229",
                "DA, 2020.03.01, 20200229",
                "DT, 20200301235959.5+0100, 20200229235959.5+0100",
                "DT, 202003, none",
                "DA, 20201301, none",
                "DA, 20200301 Doe, none",
                "TM, 235959.123, 235959.123",
                "TM, Doe, none",
                "SH, +0100, +0100"
            })
    void dayBefore(Vr vr, String value, String expected) {
        assertThat(ShiftedDates.earlier(vr, value, 1)).isEqualTo(expected);
    }

    /** PS3.3, C.12.1.1.7; PS3.16, CID 7050. */
    @Test
    void whatWasDoneIsStated() {
        DataSet clean = new Anonymiser(new Retention(true, true, true)).anonymise(image("1", "1.2"));

        assertThat(clean.text(0x0012_0062)).isEqualTo("YES");
        assertThat(clean.items(0x0012_0064))
                .extracting(item -> item.text(0x0008_0100))
                .containsExactly("113100", "113105", "113107", "113108");
    }

    @Test
    void descriptorsStayWithoutWhatIdentifies() {
        DataSet set = image("PAT-004711", "1.2");
        set.put(Tag.SERIES_DESCRIPTION, Vr.LO, "Thorax of MUELLER, born 29.2.1962 (004711)");
        set.put(0x0018_1030, Vr.LO, "Lüdenscheidt chest"); // Protocol Name
        set.put(0x0018_0015, Vr.CS, "CHEST");

        DataSet clean = new Anonymiser(new Retention(false, true, false)).anonymise(set);

        assertThat(clean.text(Tag.SERIES_DESCRIPTION)).isEqualTo("Thorax of REMOVED, born REMOVED (REMOVED)");
        assertThat(clean.text(0x0018_1030)).isEqualTo("REMOVED chest");
        assertThat(clean.text(0x0018_0015)).isEqualTo("CHEST");
        assertThat(new Anonymiser(Retention.NONE).anonymise(set).find(Tag.SERIES_DESCRIPTION))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "Doe^John, john_doe2, REMOVED",
        "Doe^John, JOHNDOE scan, REMOVED scan",
        "Doe^John, DoeCT3 does, DoeCT3 does", // parts of other words are left
        "Doe^John, CT doe3, CT REMOVED",
        "O'Brien^Pat, obrien pat, REMOVED",
        "Ng^Li, ng li angle, REMOVED angle",
        "van der Berg^Jan, van de graaff, van de graaff",
        "Müller^Ü, mueller MULLER Müller, REMOVED",
        "山田^太郎=やまだ^たろう, CT山田太郎様, REMOVED"
    })
    void namesAreFound(String name, String text, String expected) {
        Identities identities = new Identities();
        identities.addName(name);
        assertThat(identities.scrub(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "12-34-56, ID 123456 b, ID REMOVED b",
        "123456, no 12 34 56, no REMOVED",
        "12, 12 slices, 12 slices",
        "0000, 0000, 0000",
        "MRN77123, x77123y, x77123y",
        "MRN771234, x771234y, REMOVED"
    })
    void identifiersAreFound(String identifier, String text, String expected) {
        Identities identities = new Identities();
        identities.addIdentifier(identifier);
        assertThat(identities.scrub(text)).isEqualTo(expected);
    }

    @Test
    void segmentsAreCalledByTheirCodes() {
        DataSet type = new DataSet();
        type.put(0x0008_0100, Vr.SH, "10200004");
        type.put(0x0008_0104, Vr.LO, "Liver");
        DataSet coded = segment(1, "Joe's tumour");
        coded.put(0x0062_000F, List.of(type));
        DataSet set = image("1", "1.2");
        set.put(0x0062_0002, List.of(coded, segment(2, "Joe's tumour")));

        DataSet clean = new Anonymiser(Retention.NONE).anonymise(set);

        assertThat(clean.items(0x0062_0002))
                .extracting(segment -> segment.text(0x0062_0005))
                .containsExactly("Liver", "Segment 2");
    }

    private static DataSet segment(int number, String label) {
        DataSet segment = new DataSet();
        segment.put(0x0062_0004, Vr.US, number);
        segment.put(0x0062_0005, Vr.LO, label);
        return segment;
    }

    /** TID 1007 has the subject's sex and age as codes and numbers. */
    @Test
    void reportsKeepMeasurementsAndNoText() {
        DataSet report = image("1", "1.2");
        DataSet text = content("TEXT", "121071", "Finding");
        text.put(0x0040_A160, Vr.UT, "Mr Smith has a nodule");
        DataSet number = content("NUM", "118565006", "Volume");
        DataSet measured = new DataSet();
        measured.put(0x0040_A30A, Vr.DS, 12.5);
        number.put(0x0040_A300, List.of(measured));
        report.put(0x0040_A730, List.of(text, number, content("NUM", "121033", "Subject Age")));

        DataSet clean = new Anonymiser(Retention.NONE).anonymise(report);

        List<DataSet> items = clean.items(0x0040_A730);
        assertThat(items).hasSize(2);
        assertThat(items.get(0).text(0x0040_A160)).isEqualTo("REMOVED");
        assertThat(items.get(1).items(0x0040_A300).get(0).numbers(0x0040_A30A)).containsExactly(12.5);
        assertThat(clean.items(0x0012_0064))
                .extracting(item -> item.text(0x0008_0100))
                .containsExactly("113100", "113104");
    }

    private static DataSet content(String type, String code, String meaning) {
        DataSet name = new DataSet();
        name.put(0x0008_0100, Vr.SH, code);
        name.put(0x0008_0104, Vr.LO, meaning);
        DataSet item = new DataSet();
        item.put(0x0040_A040, Vr.CS, type);
        item.put(0x0040_A043, List.of(name));
        return item;
    }

    @Test
    void characteristicsStayOnRequestUpToAnAgeOf90() {
        DataSet set = image("1", "1.2");
        set.put(0x0010_0040, Vr.CS, "F");
        set.put(0x0010_1010, Vr.AS, "093Y");
        set.put(0x0010_1030, Vr.DS, 61.5);

        DataSet kept = new Anonymiser(new Retention(false, false, true)).anonymise(set);
        DataSet removed = new Anonymiser(Retention.NONE).anonymise(set);

        assertThat(kept.text(0x0010_0040)).isEqualTo("F");
        assertThat(kept.text(0x0010_1010)).isEqualTo("090Y");
        assertThat(kept.numbers(0x0010_1030)).containsExactly(61.5);
        assertThat(removed.find(0x0010_0040).value()).isEmpty();
        assertThat(removed.find(0x0010_1010)).isNull();
        assertThat(removed.find(0x0010_1030)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "00280301, CS, YES, true",
        "00080060, CS, US, true",
        "00080008, CS, DERIVED\\SECONDARY\\SCREEN SAVE, true",
        "0008103E, LO, Dose Report, true",
        "0008103E, LO, Screening, false",
        "00280004, CS, RGB, true",
        "60000102, US, 12, true",
        "00280004, CS, MONOCHROME2, false"
    })
    void imagesThatMayShowNames(String tag, Vr vr, String value, boolean expected) {
        DataSet set = image("1", "1.2");
        set.put(Tag.MODALITY, Vr.CS, "CT");
        int number = Integer.parseUnsignedInt(tag, 16);
        if (vr == Vr.US) {
            set.put(number, vr, Integer.parseInt(value));
        } else {
            set.put(number, vr, value.split("\\\\"));
        }
        assertThat(Anonymiser.burnedIn(set) != null).isEqualTo(expected);
    }

    @Test
    void newIdentifiersAreUuids() {
        assertThat(Uid.of(new java.util.UUID(0, 5))).isEqualTo("2.25.5"); // PS3.5, B.2
    }
}
