using Mlops.Data;

namespace Mlops.Models;

/// <summary>The inputs and outputs of a model, in the order of its tensor slots. Immutable.</summary>
/// <remarks>A signature keeps the tensor batches that its users return and hands them out again, so a call allocates nothing.</remarks>
public sealed class ModelSignature : IEquatable<ModelSignature>
{
    /// <summary>Creates a signature.</summary>
    /// <param name="inputs">The inputs, in slot order.</param>
    /// <param name="outputs">The outputs, in slot order.</param>
    /// <exception cref="ArgumentException">A name is empty or occurs twice, or a type or shape is none that a tensor can have.</exception>
    public ModelSignature(IEnumerable<TensorSpec> inputs, IEnumerable<TensorSpec> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        TensorSpec[] inputSpecs = [.. inputs], outputSpecs = [.. outputs];
        CheckSpecs(inputSpecs, nameof(inputs));
        CheckSpecs(outputSpecs, nameof(outputs));
        (InputSpecs, OutputSpecs) = (inputSpecs, outputSpecs);
        Inputs = inputSpecs.AsReadOnly();
        Outputs = outputSpecs.AsReadOnly();
        InputPool = new TensorBatchPool(inputSpecs, isOfInputs: true);
        OutputPool = new TensorBatchPool(outputSpecs, isOfInputs: false);
    }

    /// <summary>Gets the inputs, in slot order.</summary>
    public IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>Gets the outputs, in slot order.</summary>
    public IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>Gets <see cref="Inputs"/> for those who read them at each call; not to be changed.</summary>
    internal TensorSpec[] InputSpecs { get; }

    /// <summary>Gets <see cref="Outputs"/> for those who read them at each call; not to be changed.</summary>
    internal TensorSpec[] OutputSpecs { get; }

    internal TensorBatchPool InputPool { get; }

    internal TensorBatchPool OutputPool { get; }

    /// <summary>Takes a batch for the model's inputs; dispose it to return it.</summary>
    /// <param name="rows">The number of rows, ≥ 0.</param>
    /// <returns>The batch; its contents are undefined.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A tensor of so many rows would hold more elements than one can.</exception>
    public TensorBatch RentInputs(int rows) => InputPool.Rent(rows);

    /// <summary>Takes a batch for the model's outputs; dispose it to return it.</summary>
    /// <param name="rows">The number of rows, ≥ 0.</param>
    /// <returns>The batch; its contents are undefined.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A tensor of so many rows would hold more elements than one can.</exception>
    public TensorBatch RentOutputs(int rows) => OutputPool.Rent(rows);

    /// <summary>Finds what keeps a caller made for this signature from calling a model of another one.</summary>
    /// <remarks>
    /// Number, order, names, types and numbers of dimensions must be the same; sizes of dimensions, columns and classes where both signatures name them. What one of them leaves open
    /// contradicts nothing, and shows at each call: so whoever compares versions one after the other must keep what earlier ones have said, as a model host does.
    /// </remarks>
    /// <param name="other">The other signature.</param>
    /// <returns>The first difference, naming the input or output; <see langword="null"/> when the two are compatible.</returns>
    public string? FindIncompatibility(ModelSignature other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return FindIncompatibility("input", Inputs, other.Inputs) ?? FindIncompatibility("output", Outputs, other.Outputs);
    }

    /// <inheritdoc/>
    public bool Equals(ModelSignature? other) => other is not null && Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelSignature);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var spec in Inputs) hash.Add(spec);
        foreach (var spec in Outputs) hash.Add(spec);
        return hash.ToHashCode();
    }

    /// <summary>Describes the signature, as in error messages.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"({string.Join(", ", Inputs)}) → ({string.Join(", ", Outputs)})";

    internal static string? FindIncompatibility(string kind, IReadOnlyList<TensorSpec> expected, IReadOnlyList<TensorSpec> actual)
    {
        if (expected.Count != actual.Count) return DescribeCounts(kind, expected, actual);
        for (var slot = 0; slot < expected.Count; slot++)
        {
            var (want, have) = (expected[slot], actual[slot]);
            if (want.Name != have.Name)
                return $"{kind} {slot} is '{have.Name}', but '{want.Name}' was expected";
            if (want.ElementType != have.ElementType || !ShapesAgree(want.Shape, have.Shape))
                return $"{kind} '{want.Name}' is {have}, but {want} was expected{(want.Columns.Count > 0 && have.Columns.Count > 0 ? DescribeNames(want.Columns, have.Columns) : "")}";
            if (want.Columns.Count > 0 && have.Columns.Count > 0 && !want.Columns.SequenceEqual(have.Columns, StringComparer.Ordinal))
                return $"{kind} '{want.Name}' is fed by other columns: {DescribeDifference(want.Columns, have.Columns)}";
            // The same probabilities in another order would be taken for one another without a word.
            if (want.Classes.Count > 0 && have.Classes.Count > 0 && !want.Classes.SequenceEqual(have.Classes, StringComparer.Ordinal))
                return $"{kind} '{want.Name}' holds the probabilities of other classes: {DescribeDifference(want.Classes, have.Classes)}";
        }

        return null;
    }

    private static string DescribeCounts(string kind, IReadOnlyList<TensorSpec> expected, IReadOnlyList<TensorSpec> actual)
    {
        var there = actual.Count == 0 ? "is none" : $"{(actual.Count == 1 ? "is" : "are")} {Wording.Count(actual.Count)}: {string.Join(", ", actual.Select(DescribeWithColumns))}";
        return $"{Wording.Count(expected.Count, $"{kind} was", $"{kind}s were")} expected, but there {there}{DescribeNames(expected.Select(spec => spec.Name), actual.Select(spec => spec.Name))}";
    }

    private static string DescribeWithColumns(TensorSpec spec) => spec.Columns.Count == 0 ? $"{spec}" : $"{spec} of {Wording.Quoted(spec.Columns)}";

    /// <summary>Names what the one side has and the other has not.</summary>
    private static string DescribeNames(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        string[] lacking = [.. expected.Except(actual, StringComparer.Ordinal)], surplus = [.. actual.Except(expected, StringComparer.Ordinal)];
        return $"{(surplus.Length == 0 ? "" : $"; not expected: {Wording.Quoted(surplus)}")}{(lacking.Length == 0 ? "" : $"; expected and not there: {Wording.Quoted(lacking)}")}";
    }

    private static bool ShapesAgree(IReadOnlyList<int> expected, IReadOnlyList<int> actual)
    {
        if (expected.Count != actual.Count) return false;
        for (var i = 0; i < expected.Count; i++)
        {
            if (expected[i] >= 0 && actual[i] >= 0 && expected[i] != actual[i]) return false;
        }

        return true;
    }

    private static string DescribeDifference(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            if (expected[i] != actual[i]) return $"element {i} is '{actual[i]}' instead of '{expected[i]}'";
        }

        return $"{actual.Count} instead of {expected.Count}";
    }

    private static void CheckSpecs(TensorSpec[] specs, string parameter)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            ArgumentNullException.ThrowIfNull(spec, parameter);
            ArgumentException.ThrowIfNullOrEmpty(spec.Name, parameter);
            if (!names.Add(spec.Name))
                throw new ArgumentException($"'{spec.Name}' occurs twice.", parameter);
            if (spec.ElementType is not (<= ElementType.Float64 or ElementType.String))
                throw new ArgumentException($"'{spec.Name}' cannot hold {spec.ElementType}: in tensors a date is Int64 days, a timestamp Float64 seconds, since 1970-01-01.", parameter);
            if (spec.Shape is null || spec.Shape.Any(size => size < -1))
                throw new ArgumentException($"'{spec.Name}' has no shape that a tensor can have: sizes are ≥ 0, or −1 where they are known only at run time.", parameter);
            if (spec.Classes.Count > 0 && spec.Width >= 0 && spec.Width != spec.Classes.Count)
                throw new ArgumentException($"'{spec.Name}' has {spec.Width} elements in each row, but names {spec.Classes.Count} classes.", parameter);
        }
    }
}
