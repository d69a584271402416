using System.Globalization;
using System.Text;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How batches of one layout are shown without their sensitive columns. Safe for concurrent use.</summary>
internal sealed class RedactionPlan
{
    private const string Masked = "***";
    private readonly TensorSpec[] _specs;
    private readonly List<Step> _steps = [];
    private readonly byte[] _key;
    private readonly ModelSignature? _shown;

    public RedactionPlan(TensorBatch batch, IReadOnlyDictionary<string, SensitiveColumnPolicy> sensitive, byte[] key)
    {
        _key = key;
        _specs = new TensorSpec[batch.Count];
        var shown = new List<TensorSpec>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var slot = 0; slot < _specs.Length; slot++) taken.Add((_specs[slot] = batch[slot].Spec).Name);
        for (var slot = 0; slot < _specs.Length; slot++) Plan(slot, sensitive, shown, taken);
        if (_steps.Any(step => step.Kind != StepKind.Keep) || shown.Count < _specs.Length) _shown = new ModelSignature(shown, []);
    }

    private enum StepKind
    {
        Keep,
        KeepSome,
        Hash,
        Mask,
    }

    /// <summary>Tells whether a batch has this layout.</summary>
    public bool Fits(TensorBatch batch)
    {
        if (batch.Count != _specs.Length) return false;
        for (var slot = 0; slot < _specs.Length; slot++)
        {
            if (!ReferenceEquals(batch[slot].Spec, _specs[slot])) return false;
        }

        return true;
    }

    /// <summary>Copies what is shown.</summary>
    /// <returns>The copy, which the caller disposes; <see langword="null"/> when all is shown.</returns>
    public TensorBatch? Redact(TensorBatch batch)
    {
        if (_shown is null) return null;
        var shown = _shown.RentInputs(batch.Rows);
        for (var i = 0; i < _steps.Count; i++)
        {
            var step = _steps[i];
            var source = batch[step.Slot];
            if (step.Kind is StepKind.Keep) TensorElements.Copy(source, shown[i]);
            else if (step.Kind is StepKind.KeepSome) TensorElements.CopySome(source, _specs[step.Slot].Width, step.Elements, shown[i]);
            else Replace(source, step, shown.Get<string>(i));
        }

        return shown;
    }

    private void Plan(int slot, IReadOnlyDictionary<string, SensitiveColumnPolicy> sensitive, List<TensorSpec> shown, HashSet<string> taken)
    {
        var spec = _specs[slot];
        IReadOnlyList<string> columns = spec.Columns.Count > 0 ? spec.Columns : [spec.Name];
        var isWhole = sensitive.TryGetValue(spec.Name, out var policyOfWhole);
        if (!isWhole && columns.Count == 1) isWhole = sensitive.TryGetValue(columns[0], out policyOfWhole);
        if (isWhole)
        {
            if (policyOfWhole == SensitiveColumnPolicy.Omit || spec.Shape.Count == 0) return;
            Add(slot, policyOfWhole, [], spec with { ElementType = ElementType.String, Shape = [-1, 1], Classes = [] }, shown);
            return;
        }

        if (!columns.Any(sensitive.ContainsKey))
        {
            _steps.Add(new Step(slot, StepKind.Keep, []));
            shown.Add(spec);
            return;
        }

        // Wide columns beside others: nobody knows whose an element is.
        if (columns.Count != spec.Width || spec.Shape.Count == 0) return;
        int[] kept = [.. Enumerable.Range(0, columns.Count).Where(i => !sensitive.ContainsKey(columns[i]))];
        if (kept.Length > 0)
        {
            _steps.Add(new Step(slot, StepKind.KeepSome, kept));
            shown.Add(spec with { Shape = [-1, kept.Length], Columns = [.. kept.Select(i => columns[i])], Classes = [] });
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (!sensitive.TryGetValue(columns[i], out var policy) || policy == SensitiveColumnPolicy.Omit) continue;
            var name = columns[i];
            for (var n = 1; !taken.Add(name); n++) name = string.Create(CultureInfo.InvariantCulture, $"{columns[i]}_{n}");
            Add(slot, policy, [i], new TensorSpec(name, ElementType.String, [-1, 1]) { Columns = [columns[i]] }, shown);
        }
    }

    private void Add(int slot, SensitiveColumnPolicy policy, int[] elements, TensorSpec spec, List<TensorSpec> shown)
    {
        _steps.Add(new Step(slot, policy == SensitiveColumnPolicy.Hash ? StepKind.Hash : StepKind.Mask, elements));
        shown.Add(spec);
    }

    /// <summary>Puts a text in place of the value of each row: of one element, or of all of them.</summary>
    private void Replace(TensorBuffer source, Step step, TensorBuffer<string> target)
    {
        var rows = target.Length;
        if (rows == 0) return;
        // A tensor that has rows of its own: which belong to a row of the batch, nobody knows.
        if (source.Shape.IsEmpty || source.Shape[0] != rows)
        {
            target.Span.Fill("");
            return;
        }

        var width = source.Length / rows;
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            text.Clear();
            var isMissing = true;
            var (first, count) = step.Elements.Length == 0 ? (0, width) : (step.Elements[0], 1);
            for (var i = 0; i < count; i++)
            {
                if (i > 0) text.Append(',');
                var element = TensorElements.ToText(source, (row * width) + first + i);
                isMissing &= element is null;
                text.Append(element ?? "NaN");
            }

            target.Span[row] = isMissing ? "" : step.Kind == StepKind.Mask ? Masked : RedactionOptions.Hash(_key, Encoding.UTF8.GetBytes(text.ToString()));
        }
    }

    private readonly record struct Step(int Slot, StepKind Kind, int[] Elements);
}
