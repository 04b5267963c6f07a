package org.attunet.dicom.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The data elements of a file or of an item of a sequence, by their tags.
 *
 * <p>Values that are asked for as numbers are converted from what the file has: binary numbers or decimal text.
 *
 * <p>Not thread-safe while it is filled.
 */
public final class DataSet {
    private static final int MOST_NUMBER_TEXT = 64;

    private final TreeMap<Integer, Element> elements = new TreeMap<>(Integer::compareUnsigned);
    private CharacterSets characters;

    DataSet(CharacterSets characters) {
        this.characters = characters;
    }

    void put(Element element) {
        elements.put(element.tag(), element);
        if (element.tag() == Tag.SPECIFIC_CHARACTER_SET) {
            characters = CharacterSets.of(CharacterSets.DEFAULT.values(element));
        }
    }

    CharacterSets characters() {
        return characters;
    }

    /** The elements in the order of their tags. */
    public Collection<Element> elements() {
        return Collections.unmodifiableCollection(elements.values());
    }

    /** {@return the element; null if there is none} */
    public @Nullable Element find(int tag) {
        return elements.get(tag);
    }

    /** Whether there is a value that isn't empty. */
    public boolean has(int tag) {
        Element element = elements.get(tag);
        return element != null
                && (element.value().length > 0 || !element.items().isEmpty());
    }

    /** {@return the values of an element of text, without the spaces around them; none if there is none} */
    public List<String> texts(int tag) {
        Element element = elements.get(tag);
        return element == null ? List.of() : characters.values(element);
    }

    /** {@return the first value of an element of text; empty if there is none} */
    public String text(int tag) {
        List<String> values = texts(tag);
        return values.isEmpty() ? "" : values.get(0);
    }

    /** {@return the items of a sequence; none if there is none} */
    public List<DataSet> items(int tag) {
        Element element = elements.get(tag);
        return element == null ? List.of() : element.items();
    }

    /**
     * {@return the values of an element of numbers; none if there is none}
     *
     * @throws AttunetException if they are no numbers
     */
    public double[] numbers(int tag) {
        Element element = elements.get(tag);
        if (element == null || element.value().length == 0) {
            return new double[0];
        }
        return switch (element.vr()) {
            case DS, IS -> decimals(element);
            case US, OW, UN, OB, SS, UL, SL, UV, SV, FL, FD, OF, OD, OL, OV -> binary(element);
            default -> throw noNumber(element, element.vr().name());
        };
    }

    /**
     * {@return the first value of an element of whole numbers; another if there is none}
     *
     * @throws AttunetException if it is no whole number of 32 bits
     */
    public int integer(int tag, int otherwise) {
        double[] values = numbers(tag);
        if (values.length == 0) {
            return otherwise;
        }
        if (values[0] != Math.rint(values[0]) || Math.abs(values[0]) > Integer.MAX_VALUE) {
            throw new AttunetException(
                    Tag.text(tag), "the number " + values[0], "a whole number", "check the file's header");
        }
        return (int) values[0];
    }

    /**
     * {@return the values of an element that has a certain number of them; null if there is none}
     *
     * @throws AttunetException if it has another number of values, or one is not finite
     */
    public double @Nullable [] numbers(int tag, int count) {
        double[] values = numbers(tag);
        if (values.length == 0) {
            return null;
        }
        if (values.length != count || !Arrays.stream(values).allMatch(Double::isFinite)) {
            throw new AttunetException(
                    Tag.text(tag), Arrays.toString(values), count + " finite numbers", "check the file's header");
        }
        return values;
    }

    private double[] decimals(Element element) {
        List<Double> values = new ArrayList<>();
        for (String text : characters.values(element)) {
            try {
                values.add(text.length() > MOST_NUMBER_TEXT ? Double.NaN : Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw noNumber(element, "the text '" + text + "'");
            }
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] binary(Element element) {
        Vr vr = element.vr() == Vr.UN || element.vr() == Vr.OB ? Vr.US : element.vr();
        ByteBuffer bytes = ByteBuffer.wrap(element.value()).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[element.value().length / vr.width()];
        for (int k = 0; k < values.length; k++) {
            values[k] = switch (vr) {
                case US, OW -> Short.toUnsignedInt(bytes.getShort());
                case SS -> bytes.getShort();
                case UL, OL -> Integer.toUnsignedLong(bytes.getInt());
                case SL -> bytes.getInt();
                case FL, OF -> bytes.getFloat();
                case FD, OD -> bytes.getDouble();
                default -> bytes.getLong();
            };
        }
        return values;
    }

    private static AttunetException noNumber(Element element, String found) {
        return new AttunetException(Tag.text(element.tag()), found, "a number", "check the file's header");
    }
}
