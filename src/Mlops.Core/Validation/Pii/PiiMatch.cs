using System.Globalization;

namespace Mlops.Validation;

/// <summary>A place of a text that looks like personal data. Holds the place, not the value.</summary>
/// <param name="Kind">What it looks like.</param>
/// <param name="Start">Where it begins, in characters or in bytes as the text was given, from 0.</param>
/// <param name="Length">How long it is, in the same unit.</param>
/// <param name="Confidence">How sure this form alone makes it, from 0 to 1 (see <see cref="PiiFinding.Confidence"/>).</param>
public readonly record struct PiiMatch(PiiKind Kind, int Start, int Length, double Confidence)
{
    /// <summary>Gets where it ends: the place after its last character or byte.</summary>
    public int End => Start + Length;

    /// <summary>Writes the kind and the place.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} at {Start}, length {Length}");
}
