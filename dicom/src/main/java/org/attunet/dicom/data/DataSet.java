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
 * <p>Values that are asked for as numbers are converted from what the file has: binary numbers or decimal text. Text that is
 * put into a new data set is in UTF-8.
 *
 * <p>Not thread-safe while it is filled.
 */
public final class DataSet {
    private static final int MOST_NUMBER_TEXT = 64;

    private final TreeMap<Integer, Element> elements = new TreeMap<>(Integer::compareUnsigned);
    private CharacterSets characters;

    /** A data set without elements, whose text will be in UTF-8: a file's states so (ISO_IR 192), an item needn't. */
    public DataSet() {
        this(CharacterSets.UTF_8);
    }

    DataSet(CharacterSets characters) {
        this.characters = characters;
    }

    /** Puts an element in the place of one that has its tag. Text must be in this data set's character set. */
    public void put(Element element) {
        elements.put(element.tag(), element);
        if (element.tag() == Tag.SPECIFIC_CHARACTER_SET) {
            characters = CharacterSets.of(CharacterSets.DEFAULT.values(element));
        }
    }

    CharacterSets characters() {
        return characters;
    }

    /**
     * Puts text.
     *
     * @param values none for an empty element
     */
    public void put(int tag, Vr vr, String... values) {
        put(Element.of(tag, vr, characters.encode(vr, String.join("\\", values))));
    }

    /**
     * Puts numbers: binary ones, or decimal text of at most 16 characters for {@link Vr#DS} and {@link Vr#IS}.
     *
     * @throws IllegalArgumentException if the representation holds no numbers
     */
    public void put(int tag, Vr vr, double... values) {
        if (vr == Vr.DS || vr == Vr.IS) {
            put(tag, vr, Arrays.stream(values).mapToObj(Decimals::text).toArray(String[]::new));
        } else {
            put(Element.of(tag, vr, Decimals.binary(vr, values)));
        }
    }

    /** Puts bytes, numbers in little endian. */
    public void put(int tag, Vr vr, byte[] value) {
        put(Element.of(tag, vr, value));
    }

    /** Puts a sequence. */
    public void put(int tag, List<DataSet> items) {
        put(Element.of(tag, items));
    }

    /** Takes an element out, if there is one. */
    public void remove(int tag) {
        elements.remove(tag);
    }

    /**
     * Copies elements of another data set that has them, text into this one's character set and items into new ones.
     *
     * @param tags those that aren't there are left out
     */
    public void copy(DataSet from, int... tags) {
        for (int tag : tags) {
            Element element = from.elements.get(tag);
            if (element != null && tag != Tag.SPECIFIC_CHARACTER_SET) {
                put(copied(element, from.characters));
            }
        }
    }

    private Element copied(Element element, CharacterSets source) {
        if (element.vr() == Vr.SQ) {
            List<DataSet> items = new ArrayList<>();
            for (DataSet item : element.items()) {
                DataSet copy = new DataSet(characters);
                item.elements.keySet().forEach(tag -> copy.copy(item, tag));
                items.add(copy);
            }
            return Element.of(element.tag(), items);
        }
        return element.vr().ofCharacterSet()
                ? Element.of(
                        element.tag(), element.vr(), characters.encode(element.vr(), source.whole(element.value())))
                : element;
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

    /** {@return the values of an element, numbers as text, without the spaces around them; none if there is none} */
    public List<String> texts(int tag) {
        Element element = elements.get(tag);
        if (element == null) {
            return List.of();
        }
        return switch (element.vr()) {
            case FD, FL, SL, SS, SV, UL, US, UV ->
                Arrays.stream(binary(element))
                        .mapToObj(value -> value == Math.rint(value) && Math.abs(value) < 1e15
                                ? Long.toString((long) value)
                                : Double.toString(value))
                        .toList();
            default -> characters.values(element);
        };
    }

    /** {@return the first value of an element, a number as text; empty if there is none} */
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
                throw noNumber(element, "text"); // which may be anybody's name
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
