package org.attunet.dicom.anonymise;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.dicom.data.Vr;
import org.jspecify.annotations.Nullable;

/** Dates of elements, shifted by days (PS3.5, 6.2). Times of day stay. */
final class ShiftedDates {
    private static final Pattern DATE = Pattern.compile("(\\d{4})\\.?(\\d{2})\\.?(\\d{2})(.*)");
    private static final Pattern TIME = Pattern.compile("[0-9:]{2,8}(\\.\\d{1,6})?");
    private static final Pattern AFTER_DATE = Pattern.compile("(\\d{0,6}(\\.\\d{1,6})?)([+-]\\d{4})?");
    private static final Pattern ZONE = Pattern.compile("[+-]\\d{4}");

    private ShiftedDates() {}

    /** The value; null if it isn't what its representation says, or says less than a day. */
    static @Nullable String earlier(Vr vr, String value, int days) {
        return switch (vr) {
            case TM -> TIME.matcher(value).matches() ? value : null;
            case SH -> ZONE.matcher(value).matches() ? value : null;
            case DA, DT -> {
                Matcher matcher = DATE.matcher(value);
                boolean right = matcher.matches()
                        && (vr == Vr.DA
                                ? matcher.group(4).isEmpty()
                                : AFTER_DATE.matcher(matcher.group(4)).matches());
                yield right ? shifted(matcher, days) : null;
            }
            default -> null;
        };
    }

    private static @Nullable String shifted(Matcher matcher, int days) {
        try {
            LocalDate date = LocalDate.of(
                    Integer.parseInt(matcher.group(1)),
                    Integer.parseInt(matcher.group(2)),
                    Integer.parseInt(matcher.group(3)));
            return date.minusDays(days).format(DateTimeFormatter.BASIC_ISO_DATE) + matcher.group(4);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
