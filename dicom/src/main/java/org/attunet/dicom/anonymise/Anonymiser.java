package org.attunet.dicom.anonymise;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * De-identifies data sets by the Basic Application Level Confidentiality Profile (PS3.15, annex E), and more strictly: text that
 * the profile doesn't list and that isn't of technique or codes is taken out, and strings that are known to identify people
 * (names, identifiers, dates of what it was given) are taken out of all text that stays.
 *
 * <p>Pixels aren't looked at: see {@link #burnedIn}. The same patient, identifier and date become the same everywhere, with one
 * anonymiser or with another one of the same key.
 *
 * <p>Thread-safe; patients are numbered in the order in which they come.
 */
public final class Anonymiser {
    private static final int SHORTEST_KEY = 16;
    private static final int METHODS = 0x0012_0064;

    private final Retention retention;
    private final Pseudonyms pseudonyms;
    private final Identities names = new Identities();
    private final Identities identifiers = new Identities();
    private final Map<String, Identities> own = new HashMap<>(); // of patients and studies

    /** With a random key, which is forgotten: patients become P0001, P0002 and so on. */
    public Anonymiser(Retention retention) {
        this(retention, random(), true);
    }

    /**
     * With a secret key: anonymisers of the same key give the same new identifiers, patients' too.
     *
     * @param key 16 bytes or more
     * @throws AttunetException if it has fewer
     */
    public Anonymiser(Retention retention, byte[] key) {
        this(retention, key.clone(), false);
    }

    private Anonymiser(Retention retention, byte[] key, boolean numbered) {
        if (key.length < SHORTEST_KEY) {
            throw new AttunetException(
                    "key", key.length + " bytes", SHORTEST_KEY + " bytes or more", "make a longer one");
        }
        this.retention = retention;
        pseudonyms = new Pseudonyms(key, numbered);
    }

    private static byte[] random() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return key;
    }

    /**
     * Returns why the pixels of a data set may show who the patient is: it says so, or it is of a kind of image that often
     * does, such as ultrasound, secondary captures and dose reports; null if nothing says so, which proves nothing.
     */
    public static @Nullable String burnedIn(DataSet elements) {
        return BurnedIn.reason(elements);
    }

    /** {@return whether a data set is a document or a voice in a file of DICOM, such as a PDF, which can't be de-identified} */
    public static boolean isDocument(DataSet elements) {
        return BurnedIn.isDocument(elements);
    }

    /**
     * Learns the names, identifiers and dates of a data set, which are then taken out of the text of all. {@link #anonymise}
     * does so for its own; what is given to this method before is known for the first one already.
     */
    public synchronized void learn(DataSet elements) {
        Evidence.gather(elements, names, identifiers);
        Identities found = new Identities();
        Evidence.gather(elements, found, found);
        for (String whose : whose(elements)) {
            own.computeIfAbsent(whose, key -> new Identities()).add(found);
        }
    }

    /** The patient and the study that a data set is of. */
    private static List<String> whose(DataSet elements) {
        return List.of(Pseudonyms.identity(elements), "study\n" + elements.text(Tag.STUDY_INSTANCE_UID));
    }

    /**
     * Returns a de-identified copy, in UTF-8, without pixel data.
     *
     * @param elements a file's, with those in its sequences
     */
    public synchronized DataSet anonymise(DataSet elements) {
        learn(elements);
        String identity = Pseudonyms.identity(elements);
        Cleaner cleaner =
                new Cleaner(retention, pseudonyms, names, identifiers, known(elements), pseudonyms.days(identity));
        DataSet clean = cleaner.clean(elements);
        String patient = pseudonyms.patient(identity);
        clean.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
        clean.put(0x0010_0010, Vr.PN, patient);
        clean.put(0x0010_0020, Vr.LO, patient);
        state(clean);
        return clean;
    }

    /** Whether bytes hold text that is known to identify the patient or others of a data set's study. */
    synchronized boolean identify(byte[] bytes, DataSet elements) {
        return known(elements).areIn(bytes);
    }

    /** What is known of a data set's patient and study. */
    private Identities known(DataSet elements) {
        Identities known = new Identities();
        for (String key : whose(elements)) {
            known.add(own.getOrDefault(key, new Identities()));
        }
        return known;
    }

    /** {@return the new identifier of a data set's patient} */
    public synchronized String patient(DataSet elements) {
        return pseudonyms.patient(Pseudonyms.identity(elements));
    }

    /** {@return the new identifiers of patients by what they were called: an identifier, a name, or a study} */
    synchronized Map<String, String> patients() {
        return new LinkedHashMap<>(pseudonyms.patients());
    }

    /** States what was done (PS3.3, C.7.1.1; PS3.16, CID 7050). */
    private void state(DataSet clean) {
        clean.put(0x0012_0062, Vr.CS, "YES");
        clean.put(0x0012_0063, Vr.LO, "attunet, PS3.15 basic profile");
        List<DataSet> methods = new ArrayList<>();
        methods.add(method("113100", "Basic Application Confidentiality Profile"));
        if (clean.find(0x0040_A730) != null) {
            methods.add(method("113104", "Clean Structured Content Option"));
        }
        if (retention.descriptors()) {
            methods.add(method("113105", "Clean Descriptors Option"));
        }
        if (retention.shiftedDates()) {
            methods.add(method("113107", "Retain Longitudinal Temporal Information Modified Dates Option"));
        }
        if (retention.characteristics()) {
            methods.add(method("113108", "Retain Patient Characteristics Option"));
        }
        clean.put(METHODS, methods);
        clean.put(0x0028_0303, Vr.CS, retention.shiftedDates() ? "MODIFIED" : "REMOVED");
    }

    private static DataSet method(String code, String meaning) {
        DataSet method = new DataSet();
        method.put(0x0008_0100, Vr.SH, code);
        method.put(0x0008_0102, Vr.SH, "DCM");
        method.put(0x0008_0104, Vr.LO, meaning);
        return method;
    }
}
