package org.attunet.dicom.result;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.stream.IntStream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.Slice;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * What all results of a series begin with: the patient and the study of its images, and a series, an equipment and an
 * instance of their own (PS3.3, C.7.1 to C.7.5 and C.12.1).
 */
final class ResultHeader {
    static final String SOFTWARE = software(ResultHeader.class.getPackage().getImplementationVersion());
    private static final int PATIENT_IDENTITY_REMOVED = 0x0012_0062;
    private static final int DEIDENTIFICATION_METHOD = 0x0012_0063;
    private static final int DEIDENTIFICATION_METHOD_CODE_SEQUENCE = 0x0012_0064;

    /** Elements that must be there, empty if the images don't have them. */
    private static final int[] PATIENT = {
        Tag.PATIENT_NAME, Tag.PATIENT_ID, ResultTag.PATIENT_BIRTH_DATE, ResultTag.PATIENT_SEX
    };

    private static final int[] STUDY = {
        ResultTag.STUDY_DATE,
        ResultTag.STUDY_TIME,
        ResultTag.ACCESSION_NUMBER,
        ResultTag.REFERRING_PHYSICIAN_NAME,
        ResultTag.STUDY_ID
    };

    /** Further elements of the modules Patient, Clinical Trial Subject and Study, General Study and Patient Study. */
    private static final int[] FURTHER = {
        0x0008_0051, // issuer of accession number
        0x0008_0096, // referring physician identification
        0x0008_009C, // consulting physician
        0x0008_009D,
        ResultTag.TIMEZONE_OFFSET_FROM_UTC,
        0x0008_1030, // study description
        0x0008_1032, // procedure code
        0x0008_1048, // physicians of record
        0x0008_1049,
        0x0008_1060, // physicians who read the study
        0x0008_1062,
        0x0008_1080, // admitting diagnoses
        0x0008_1084,
        0x0008_1110, // referenced study
        0x0010_0021, // issuer of patient's identifier
        0x0010_0022,
        0x0010_0024,
        0x0010_0026, // source patient group
        0x0010_0027,
        0x0010_0028,
        0x0010_0032, // birth time
        0x0010_1002, // other identifiers
        0x0010_1001, // other names
        0x0010_1010, // age
        0x0010_1020, // size
        0x0010_1021,
        0x0010_1022,
        0x0010_1030, // weight
        0x0010_2160, // ethnic group
        0x0010_2180, // occupation
        0x0010_2201, // species and breed
        0x0010_2202,
        0x0010_2203, // neutered
        0x0010_2292,
        0x0010_2293,
        0x0010_2294,
        0x0010_2297, // responsible person
        0x0010_2298,
        0x0010_2299,
        0x0010_4000, // comments
        0x0012_0010, // clinical trial
        0x0012_0020,
        0x0012_0021,
        0x0012_0030,
        0x0012_0031,
        0x0012_0040,
        0x0012_0042,
        0x0012_0050,
        0x0012_0051,
        PATIENT_IDENTITY_REMOVED,
        DEIDENTIFICATION_METHOD,
        DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
        0x0012_0081,
        0x0012_0082
    };

    private ResultHeader() {}

    private static String software(@Nullable String version) {
        return version == null ? "attunet" : "attunet " + version; // classes that aren't packed have none
    }

    /** Returns a new data set with these modules, in UTF-8. */
    static DataSet of(Series series, ResultKind kind, Algorithm algorithm) {
        requireNamed(series);
        DataSet source = series.elements();
        DataSet set = new DataSet();
        set.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
        patientAndStudy(set, source);
        set.put(Tag.SOP_CLASS_UID, Vr.UI, kind.classUid());
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(Tag.MODALITY, Vr.CS, kind.modality());
        set.put(Tag.SERIES_NUMBER, Vr.IS, seriesNumber(series, kind));
        set.put(Tag.SERIES_DESCRIPTION, Vr.LO, algorithm.describes(kind.title()));
        set.put(Tag.INSTANCE_NUMBER, Vr.IS, 1);
        set.put(Tag.MANUFACTURER, Vr.LO, "attunet");
        set.put(ResultTag.MANUFACTURER_MODEL_NAME, Vr.LO, algorithm.line());
        set.put(ResultTag.DEVICE_SERIAL_NUMBER, Vr.LO, algorithm.versionLine());
        set.put(ResultTag.SOFTWARE_VERSIONS, Vr.LO, SOFTWARE);
        now(set, source.text(ResultTag.TIMEZONE_OFFSET_FROM_UTC));
        return set;
    }

    /** Results refer to images by their identifiers. */
    private static void requireNamed(Series series) {
        for (Slice slice : series.slices()) {
            if (slice.file().elements().text(Tag.SOP_INSTANCE_UID).isEmpty()) {
                throw new AttunetException(
                        slice.file().path(),
                        "no SOP Instance UID, by which a result would name the image",
                        "one in each image",
                        "write NIfTI instead, or export the images again");
            }
        }
    }

    private static void patientAndStudy(DataSet set, DataSet source) {
        for (int tag : PATIENT) {
            empty(set, tag);
        }
        for (int tag : STUDY) {
            empty(set, tag);
        }
        set.copy(source, PATIENT);
        set.copy(source, STUDY);
        set.copy(source, IntStream.of(FURTHER).filter(source::has).toArray());
        boolean removed = set.text(PATIENT_IDENTITY_REMOVED).equals("YES");
        if (removed && !set.has(DEIDENTIFICATION_METHOD) && !set.has(DEIDENTIFICATION_METHOD_CODE_SEQUENCE)) {
            set.put(DEIDENTIFICATION_METHOD, Vr.LO, "not stated by the images");
        }
        String study = source.text(Tag.STUDY_INSTANCE_UID);
        set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, study.isEmpty() ? Uid.random() : study);
    }

    private static void empty(DataSet set, int tag) {
        Vr vr = switch (tag) {
            case Tag.PATIENT_NAME, ResultTag.REFERRING_PHYSICIAN_NAME -> Vr.PN;
            case Tag.PATIENT_ID -> Vr.LO;
            case ResultTag.PATIENT_BIRTH_DATE, ResultTag.STUDY_DATE -> Vr.DA;
            case ResultTag.STUDY_TIME -> Vr.TM;
            case ResultTag.PATIENT_SEX -> Vr.CS;
            default -> Vr.SH;
        };
        set.put(tag, vr, new String[0]);
    }

    /** A number that scanners hardly use and that shows which series the result belongs to. */
    private static int seriesNumber(Series series, ResultKind kind) {
        return 1000 + 10 * Math.max(0, Math.min(99_999_999, series.number())) + kind.digit();
    }

    /** The time of writing, in the images' zone if they name one, for it counts for all times of a file. */
    private static void now(DataSet set, String offset) {
        ZoneId zone = offset.matches("[+-](0\\d|1[0-4])[0-5]\\d") ? ZoneOffset.of(offset) : ZoneId.systemDefault();
        ZonedDateTime now = Instant.now().atZone(zone);
        String date = DateTimeFormatter.ofPattern("yyyyMMdd").format(now);
        String time = DateTimeFormatter.ofPattern("HHmmss").format(now);
        set.put(ResultTag.INSTANCE_CREATION_DATE, Vr.DA, date);
        set.put(ResultTag.INSTANCE_CREATION_TIME, Vr.TM, time);
        set.put(ResultTag.SERIES_DATE, Vr.DA, date);
        set.put(ResultTag.SERIES_TIME, Vr.TM, time);
        set.put(ResultTag.CONTENT_DATE, Vr.DA, date);
        set.put(Tag.CONTENT_TIME, Vr.TM, time);
    }

    /** Puts the frame of reference of the images; one of the series' own if they have none (PS3.3, C.7.4.1). */
    static void frameOfReference(DataSet set, Series series) {
        if (series.isPicture()) { // the images that a result names say what it belongs to
            set.put(ResultTag.PATIENT_ORIENTATION, Vr.CS, new String[0]);
            set.copy(series.elements(), ResultTag.PATIENT_ORIENTATION);
            return;
        }
        DataSet source = series.elements();
        String uid = source.text(ResultTag.FRAME_OF_REFERENCE_UID);
        set.put(ResultTag.FRAME_OF_REFERENCE_UID, Vr.UI, uid.isEmpty() ? Uid.of("frame " + series.uid()) : uid);
        set.put(ResultTag.POSITION_REFERENCE_INDICATOR, Vr.LO, new String[0]);
        set.copy(source, ResultTag.POSITION_REFERENCE_INDICATOR);
    }
}
