using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>Which number of a model's outputs stands for its prediction, and how labels compare with it. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// <para>By default it is the output whose elements are class probabilities (<see cref="TensorSpec.Classes"/>); where none names its classes, the first
/// floating-point output; where there is none, the first numeric one. Of each row its last element counts: the predicted number itself, or the probability
/// of the last class, which is the positive one. A model of more than two classes needs to be told the positive class.</para>
/// <para>Where a positive class is known, labels become 1 for it and 0 for the others; elsewhere labels are the numbers they are.</para>
/// </remarks>
public sealed class JudgedOutput
{
    private readonly double[]? _numbers;

    private JudgedOutput(TensorSpec output, int slot, int? element, string? positiveClass)
    {
        Output = output;
        Slot = slot;
        Element = element;
        PositiveClass = positiveClass;
        var names = output.Classes.Count > 0 ? output.Classes : positiveClass is null ? [] : [positiveClass];
        var numbers = names.Select(name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
        if (numbers.Length > 0 && !numbers.Any(double.IsNaN)) _numbers = numbers;
    }

    /// <summary>Gets the output.</summary>
    public TensorSpec Output { get; }

    /// <summary>Gets the slot of the output, from 0.</summary>
    public int Slot { get; }

    /// <summary>Gets the element of each row, from 0; <see langword="null"/> for the last one, where the number of elements is known only at run time.</summary>
    public int? Element { get; }

    /// <summary>Gets the class whose probability is judged; <see langword="null"/> where the output does not name its classes and none was given, as in a regression.</summary>
    public string? PositiveClass { get; }

    /// <summary>Finds what is judged.</summary>
    /// <param name="outputs">The outputs of the model, in slot order.</param>
    /// <param name="output">The slot of the output, from 0; <see langword="null"/> for the default.</param>
    /// <param name="element">The element of each row, from 0; <see langword="null"/> for that of the positive class, or the last one.</param>
    /// <param name="positiveClass">The positive class, as <see cref="TensorSpec.Classes"/> names it; <see langword="null"/> for the class of the element, or the last of two.</param>
    /// <returns>What is judged.</returns>
    /// <exception cref="ArgumentException">There is no such output, element or class; more than two classes leave open which is the positive one; or no output holds numbers. The message tells what there is.</exception>
    public static JudgedOutput Find(IReadOnlyList<TensorSpec> outputs, int? output = null, int? element = null, string? positiveClass = null)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var slot = output ?? FindSlot(outputs);
        if (slot < 0 || slot >= outputs.Count)
            throw new ArgumentOutOfRangeException(nameof(output), slot, $"There is no such output. The outputs are: {List(outputs)}.");
        var spec = outputs[slot];
        if (spec.ElementType == ElementType.String)
            throw new ArgumentException($"Output {slot} holds text, which cannot be judged as numbers. The outputs are: {List(outputs)}.", nameof(output));
        if (element is { } given && (given < 0 || (spec.Width >= 0 && given >= spec.Width)))
            throw new ArgumentOutOfRangeException(nameof(element), given, $"A row of the output {spec} has no such element.");
        if (spec.Classes.Count > 0) return OfClasses(spec, slot, element, positiveClass);
        if (positiveClass is not null && element is null && spec.Width != 1)
            throw new ArgumentException($"The model does not name the classes of its output {spec}, so the positive class cannot be found in it. Say which element of a row is its probability.", nameof(element));
        return new JudgedOutput(spec, slot, element ?? (spec.Width > 0 ? spec.Width - 1 : null), positiveClass);
    }

    /// <summary>Reads the prediction of a row.</summary>
    /// <param name="outputs">What the model gave.</param>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The number; NaN where a row has no such element.</returns>
    /// <exception cref="ArgumentException">The slot holds text, so it is not the output that was found.</exception>
    public double Read(TensorBatch outputs, int row)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var buffer = outputs[Slot];
        var width = outputs.Rows == 0 ? 0 : buffer.Length / outputs.Rows;
        var element = Element ?? width - 1;
        if ((uint)element >= (uint)width) return double.NaN;
        var index = (row * width) + element;
        return buffer switch
        {
            TensorBuffer<float> typed => typed.Span[index],
            TensorBuffer<double> typed => typed.Span[index],
            TensorBuffer<long> typed => typed.Span[index],
            TensorBuffer<int> typed => typed.Span[index],
            TensorBuffer<bool> typed => typed.Span[index] ? 1 : 0,
            _ => TensorNumbers.ToDoubles(buffer)[index],
        };
    }

    /// <summary>Brings a numeric label to the scale of the prediction.</summary>
    /// <param name="value">The label: the true number, or the number that names the class; for classes that are named by text 1 for the positive class and 0 for another. NaN where it is missing.</param>
    /// <param name="label">Receives the label: 1 or 0 where a positive class is known, else the number itself.</param>
    /// <returns>Whether it is a label that the model knows.</returns>
    public bool TryGetLabel(double value, out double label)
    {
        label = value;
        if (PositiveClass is null || double.IsNaN(value)) return true;
        if (_numbers is null) return value is 0 or 1;
        var index = Array.IndexOf(_numbers, value);
        label = index >= 0 && (Output.Classes.Count == 0 || index == Element) ? 1 : 0;
        return index >= 0 || Output.Classes.Count == 0;
    }

    /// <summary>Brings a label that is text to the scale of the prediction.</summary>
    /// <param name="value">The class; <see langword="null"/> where it is missing.</param>
    /// <param name="label">Receives the label: 1 for the positive class, 0 for another, NaN where it is missing.</param>
    /// <returns>Whether it is a class that the model knows; <see langword="false"/> where no positive class is known.</returns>
    public bool TryGetLabel(string? value, out double label)
    {
        label = value is null ? double.NaN : value == PositiveClass ? 1 : 0;
        if (value is null || label == 1) return true;
        return PositiveClass is not null && (Output.Classes.Count == 0 || Output.Classes.Contains(value, StringComparer.Ordinal));
    }

    /// <summary>Describes what is judged in one line.</summary>
    /// <returns>The description: <c>probabilities[1], the probability of 'yes'</c>.</returns>
    public override string ToString()
        => $"{Output.Name}[{Element?.ToString(CultureInfo.InvariantCulture) ?? "last"}]{(PositiveClass is null ? "" : $", the probability of '{PositiveClass}'")}";

    internal static int FindSlot(IReadOnlyList<TensorSpec> outputs)
    {
        for (var slot = 0; slot < outputs.Count; slot++)
        {
            if (outputs[slot].Classes.Count > 0) return slot;
        }

        for (var slot = 0; slot < outputs.Count; slot++)
        {
            if (outputs[slot].ElementType.IsFloatingPoint()) return slot;
        }

        for (var slot = 0; slot < outputs.Count; slot++)
        {
            if (outputs[slot].ElementType != ElementType.String) return slot;
        }

        throw new ArgumentException($"No output of the model holds numbers that could be judged. The outputs are: {List(outputs)}.", nameof(outputs));
    }

    private static JudgedOutput OfClasses(TensorSpec spec, int slot, int? element, string? positiveClass)
    {
        var classes = string.Join(", ", spec.Classes.Select(name => $"'{name}'"));
        if (positiveClass is null)
        {
            if (element is null && spec.Classes.Count > 2)
                throw new ArgumentException($"The output '{spec.Name}' tells {spec.Classes.Count} classes apart. Say which is the positive one, judged against the others: {classes}.", nameof(positiveClass));
            var position = element ?? spec.Classes.Count - 1;
            return new JudgedOutput(spec, slot, position, spec.Classes[position]);
        }

        for (var i = 0; i < spec.Classes.Count; i++)
        {
            if (spec.Classes[i] != positiveClass) continue;
            if (element is not null && element != i)
                throw new ArgumentException($"Element {element} of the output '{spec.Name}' is the probability of '{spec.Classes[element.Value]}', not of '{positiveClass}'. Give one of the two only.", nameof(element));
            return new JudgedOutput(spec, slot, i, positiveClass);
        }

        throw new ArgumentException($"The output '{spec.Name}' has no class '{positiveClass}'. Its classes are: {classes}.", nameof(positiveClass));
    }

    private static string List(IReadOnlyList<TensorSpec> outputs) => string.Join(", ", outputs.Select((output, slot) => string.Create(CultureInfo.InvariantCulture, $"{slot} {output}")));
}
