package org.attunet.report;

/**
 * A headline number of a report.
 *
 * @param name such as "parameters"
 * @param value as shown, such as "1.9 M"
 */
public record Fact(String name, String value) {}
