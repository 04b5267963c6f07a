/** The plan of a training: rules, patch and memory fit, estimated cost, and its YAML file. */
package org.attunet.plan;
