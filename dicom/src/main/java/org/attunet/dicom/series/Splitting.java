package org.attunet.dicom.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Parts the slices of a series into volumes: by what they say of themselves, then by what sets those apart that lie in one
 * place.
 */
final class Splitting {
    /** Which part of the mean gap two slices in one place may be apart. */
    private static final double ONE_PLACE = 0.05;

    /** How many millimetres they may be apart if the mean gap is smaller. */
    private static final double LEAST = 0.005;

    /** How far sideways stacks lie beside one another, in mm. */
    private static final double BESIDE = 5;

    /** By acquisition, instance and frame. */
    private static final Comparator<Slice> BY_INSTANCE = Comparator.comparing(Slice::numbers, Arrays::compare);

    private Splitting() {}

    /**
     * A volume's slices.
     *
     * @param slices in their order along the normal
     * @param traits what sets them apart from the series' other volumes, by the trait's name
     * @param notes what was left out, in sentences
     */
    record Part(List<Slice> slices, Map<String, String> traits, List<String> notes) {
        Part with(String trait, String value, List<Slice> some) {
            Map<String, String> more = new LinkedHashMap<>(traits);
            more.put(trait, value);
            return new Part(some, more, notes);
        }
    }

    /** Returns the volumes of a series, in the order of what sets them apart. */
    static List<Part> of(List<Slice> series) {
        List<Part> parts = List.of(new Part(series, Map.of(), List.of()));
        for (Trait trait : traits(series)) {
            parts = parts.stream().flatMap(part -> split(part, trait).stream()).toList();
        }
        return parts.stream().flatMap(part -> apart(part).stream()).toList();
    }

    private static List<Trait> traits(List<Slice> series) {
        List<Plane> kinds = new ArrayList<>();
        IdentityHashMap<Slice, String> kind = new IdentityHashMap<>();
        for (Slice slice : series) {
            int index = 0;
            while (index < kinds.size() && !kinds.get(index).isLike(slice.plane())) {
                index++;
            }
            if (index == kinds.size()) {
                kinds.add(slice.plane());
            }
            kind.put(slice, Integer.toString(index + 1));
        }
        List<Trait> traits = new ArrayList<>();
        traits.add(new Trait("size or direction", slice -> kind.getOrDefault(slice, "")));
        traits.addAll(Trait.ALWAYS);
        return traits;
    }

    /** A part by the values of a trait; the part itself if they are equal. */
    private static List<Part> split(Part part, Trait trait) {
        Map<String, List<Slice>> by = by(part.slices, trait);
        return by.size() == 1
                ? List.of(part)
                : by.entrySet().stream()
                        .map(own -> part.with(trait.name(), own.getKey(), own.getValue()))
                        .toList();
    }

    private static Map<String, List<Slice>> by(List<Slice> slices, Trait trait) {
        return slices.stream()
                .collect(Collectors.groupingBy(
                        trait.value(), () -> new TreeMap<>(Splitting::compare), Collectors.toList()));
    }

    /** Numbers by their size, then text. */
    private static int compare(String a, String b) {
        boolean numbers = a.matches("-?\\d{1,15}(\\.\\d{1,15})?") && b.matches("-?\\d{1,15}(\\.\\d{1,15})?");
        int order = numbers ? Double.compare(Double.parseDouble(a), Double.parseDouble(b)) : 0;
        return order != 0 ? order : a.compareTo(b);
    }

    /** Volumes in which no two slices lie in one place, as far as slices can be told apart. */
    private static List<Part> apart(Part part) {
        Part sorted = new Part(sorted(part.slices), part.traits, part.notes);
        int most = most(places(sorted.slices));
        if (most == 1) {
            return List.of(sorted);
        }
        Part once = Duplicates.byInstance(sorted, places(sorted.slices));
        if (once.slices.size() < sorted.slices.size()) {
            return apart(once);
        }
        for (Trait trait : within(sorted.slices.get(0).plane())) {
            List<Part> parts = split(sorted, trait);
            int sum = parts.stream()
                    .mapToInt(own -> most(places(sorted(own.slices))))
                    .sum();
            if (parts.size() > 1 && sum == most) {
                return parts.stream().flatMap(own -> apart(own).stream()).toList();
            }
        }
        once = Duplicates.byContent(sorted, places(sorted.slices));
        return once.slices.size() < sorted.slices.size() ? apart(once) : byNumber(sorted);
    }

    /** Stacks beside one another, then what slices in one place may differ in. */
    private static List<Trait> within(Plane first) {
        Function<Slice, String> place = slice -> {
            double[] way = Vectors.minus(slice.plane().position(), first.position());
            long across = Math.round(Vectors.dot(way, first.across()) / BESIDE);
            return across + " " + Math.round(Vectors.dot(way, first.down()) / BESIDE);
        };
        List<Trait> traits = new ArrayList<>(List.of(new Trait("place", place)));
        traits.addAll(Trait.IN_ONE_PLACE);
        return traits;
    }

    /** As many volumes as slices lie in each place, by their instance numbers; the part itself if places differ in number. */
    private static List<Part> byNumber(Part part) {
        List<List<Slice>> places = places(part.slices);
        int most = most(places);
        boolean equal = places.stream().allMatch(place -> place.size() == most);
        boolean numbered = places.stream()
                .allMatch(place -> place.stream()
                                .map(slice -> Arrays.toString(slice.numbers()))
                                .distinct()
                                .count()
                        == most);
        if (!equal || !numbered || places.size() == 1) {
            return List.of(part);
        }
        List<List<Slice>> ordered = places.stream()
                .map(place -> place.stream().sorted(BY_INSTANCE).toList())
                .toList();
        List<Part> parts = new ArrayList<>();
        for (int k = 0; k < most; k++) {
            int index = k;
            List<Slice> own = ordered.stream().map(place -> place.get(index)).toList();
            parts.add(part.with("repetition", Integer.toString(k + 1), own));
        }
        return parts;
    }

    private static List<Slice> sorted(List<Slice> slices) {
        double[] normal = slices.get(0).plane().normal();
        return slices.stream()
                .sorted(Comparator.comparingDouble(
                                (Slice slice) -> slice.plane().along(normal))
                        .thenComparing(BY_INSTANCE)
                        .thenComparing(slice -> slice.file().path().toString()))
                .toList();
    }

    /** Slices in their order, those in one place together. */
    private static List<List<Slice>> places(List<Slice> sorted) {
        double[] normal = sorted.get(0).plane().normal();
        double from = sorted.get(0).plane().along(normal);
        double range = sorted.get(sorted.size() - 1).plane().along(normal) - from;
        double near = Math.max(LEAST, ONE_PLACE * range / Math.max(1, sorted.size() - 1));
        List<List<Slice>> places = new ArrayList<>();
        double last = Double.NaN;
        for (Slice slice : sorted) {
            double at = slice.plane().along(normal);
            if (!(at - last <= near)) {
                places.add(new ArrayList<>());
            }
            places.get(places.size() - 1).add(slice);
            last = at;
        }
        return places;
    }

    private static int most(List<List<Slice>> places) {
        return places.stream().mapToInt(List::size).max().orElse(0);
    }
}
