using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The columns that the tensors of a model make in a payload log. Immutable.</summary>
internal sealed class PayloadLayout
{
    private readonly int _inputCount;

    public PayloadLayout(TensorBatch? inputs, TensorBatch? outputs)
    {
        var slots = new List<Slot>();
        var inputNames = new HashSet<string>(StringComparer.Ordinal);
        var outputNames = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < inputs?.Count; i++) slots.Add(Slot.Of(inputs[i].Spec, inputNames));
        _inputCount = slots.Count;
        for (var i = 0; i < outputs?.Count; i++) slots.Add(Slot.Of(outputs[i].Spec, outputNames));
        Slots = [.. slots];
        Header = [.. PayloadFields.Common, .. NamesOf(PayloadFields.Inputs, slots.Take(_inputCount)), .. NamesOf(PayloadFields.Outputs, slots.Skip(_inputCount))];
        HeaderText = string.Join('\n', Header);
    }

    /// <summary>Gets the layout of a prediction of which nothing but the failure is known.</summary>
    public static PayloadLayout Empty { get; } = new(null, null);

    public Slot[] Slots { get; }

    public ReadOnlySpan<Slot> Inputs => Slots.AsSpan(0, _inputCount);

    public ReadOnlySpan<Slot> Outputs => Slots.AsSpan(_inputCount);

    /// <summary>Gets the names of all columns.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>Gets the names of all columns as one text, to compare.</summary>
    public string HeaderText { get; }

    public bool Fits(TensorBatch inputs, TensorBatch outputs)
    {
        if (inputs.Count != _inputCount || outputs.Count != Slots.Length - _inputCount) return false;
        for (var i = 0; i < Slots.Length; i++)
        {
            if (!ReferenceEquals((i < _inputCount ? inputs[i] : outputs[i - _inputCount]).Spec, Slots[i].Spec)) return false;
        }

        return true;
    }

    private static IEnumerable<string> NamesOf(string side, IEnumerable<Slot> slots) => slots.SelectMany(slot => slot.Names).Select(name => $"{side}.{name}");

    /// <summary>One tensor: a column for each of its elements where their names are known, else one for all.</summary>
    public sealed class Slot
    {
        private Slot(TensorSpec spec, string[] names)
        {
            (Spec, Names) = (spec, names);
            ElementSize = TensorElements.SizeOf(spec.ElementType);
        }

        public TensorSpec Spec { get; }

        public string[] Names { get; }

        public int ElementSize { get; }

        public bool IsText => ElementSize == 0;

        /// <summary>Gets whether its only column holds all elements of a row, though there may be only one.</summary>
        public bool IsVector => Names.Length == 1 && Spec.Width != 1;

        public static Slot Of(TensorSpec spec, HashSet<string> taken)
        {
            IReadOnlyList<string> columns = spec.Columns.Count > 0 && spec.Columns.Count == spec.Width ? spec.Columns : spec.Columns.Count == 1 ? spec.Columns : [spec.Name];
            var names = new string[columns.Count];
            for (var i = 0; i < names.Length; i++)
            {
                names[i] = columns[i];
                for (var n = 1; !taken.Add(names[i]); n++) names[i] = string.Create(CultureInfo.InvariantCulture, $"{columns[i]}_{n}");
            }

            return new Slot(spec, names);
        }
    }
}
