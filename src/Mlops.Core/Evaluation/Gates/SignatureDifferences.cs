using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>Finds every difference that keeps callers of one signature from calling a model of another one.</summary>
/// <param name="allowsFewerInputs">Whether the model may do without inputs, or without columns of one.</param>
internal sealed class SignatureDifferences(bool allowsFewerInputs)
{
    private readonly List<(string Where, string What)> _differences = [];

    public static IReadOnlyList<(string Where, string What)> Find(ModelSignature expected, ModelSignature actual, bool allowsFewerInputs)
    {
        var found = new SignatureDifferences(allowsFewerInputs);
        found.Compare("input", expected.Inputs, actual.Inputs, allowsFewerInputs);
        found.Compare("output", expected.Outputs, actual.Outputs, mayLack: false);
        return found._differences;
    }

    private void Compare(string kind, IReadOnlyList<TensorSpec> expected, IReadOnlyList<TensorSpec> actual, bool mayLack)
    {
        var lacks = 0;
        for (var slot = 0; slot < expected.Count; slot++)
        {
            var want = expected[slot];
            var place = IndexOf(actual, want.Name);
            if (place < 0)
            {
                lacks++;
                if (!mayLack) Add(kind, want, "is missing");
                continue;
            }

            Compare(kind, want, actual[place], mayLack);
        }

        foreach (var extra in actual.Where(spec => IndexOf(expected, spec.Name) < 0)) Add(kind, extra, kind == "input" ? "is asked for, which callers do not give" : "is new");
        // Callers fill and read slots; of the same tensors in another order they would take one for another.
        if (lacks > 0 || expected.Count != actual.Count) return;
        for (var slot = 0; slot < expected.Count; slot++)
        {
            if (expected[slot].Name != actual[slot].Name && IndexOf(actual, expected[slot].Name) is >= 0 and var place) Add(kind, expected[slot], $"is in slot {place} instead of {slot}");
        }
    }

    private void Compare(string kind, TensorSpec want, TensorSpec have, bool mayLack)
    {
        if (want.ElementType != have.ElementType) Add(kind, want, $"is {have.ElementType} instead of {want.ElementType}");
        if (want.Columns.Count > 0 && have.Columns.Count > 0 && !want.Columns.SequenceEqual(have.Columns, StringComparer.Ordinal))
        {
            var added = have.Columns.Except(want.Columns, StringComparer.Ordinal).ToArray();
            var absent = want.Columns.Except(have.Columns, StringComparer.Ordinal).ToArray();
            if (added.Length > 0) Add(kind, want, $"is fed by other columns too: {Names(added)}");
            if (absent.Length > 0 && !allowsFewerInputs) Add(kind, want, $"is not fed by {Names(absent)}");
            if (added.Length == 0 && absent.Length == 0) Add(kind, want, "is fed by the same columns in another order");
            if (added.Length == 0 && absent.Length > 0 && mayLack) return; // Its width is another one for that reason.
        }

        if (!HasSameShape(want.Shape, have.Shape)) Add(kind, want, $"has the shape of {have} instead of {want}");
        if (want.Classes.Count > 0 && !want.Classes.SequenceEqual(have.Classes, StringComparer.Ordinal))
            Add(kind, want, have.Classes.Count == 0 ? "does not name its classes" : $"tells other classes apart, or the same ones in another order ({have.Classes.Count} instead of {want.Classes.Count})");
    }

    private void Add(string kind, TensorSpec spec, string what) => _differences.Add(($"{kind} '{spec.Name}'", what));

    private static int IndexOf(IReadOnlyList<TensorSpec> specs, string name)
    {
        for (var i = 0; i < specs.Count; i++)
        {
            if (specs[i].Name == name) return i;
        }

        return -1;
    }

    private static bool HasSameShape(IReadOnlyList<int> want, IReadOnlyList<int> have)
        => want.Count == have.Count && !want.Zip(have).Any(pair => pair.First >= 0 && pair.Second >= 0 && pair.First != pair.Second);

    private static string Names(string[] names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
