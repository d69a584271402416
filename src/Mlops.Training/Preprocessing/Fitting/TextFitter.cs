using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Fits the steps of one column of texts.</summary>
internal sealed class TextFitter(IDataset dataset, ColumnSchema schema, IReadOnlyList<PreprocessingStep> steps) : IColumnFitter
{
    private readonly TextCounter _counter = new();
    private readonly bool _isCounted = steps.Any(step => step is not (HashStep or BagOfWordsStep));
    private readonly bool _isTargeted = steps.Any(step => step is TargetEncodeStep);
    private TargetSums? _sums;
    private long _present;

    public IEnumerable<ColumnSchema> Columns => [schema];

    public void Add(DataBatch batch, LabelTargets? targets)
    {
        var column = (TextColumn)batch[schema.Name];
        if (!_isCounted)
        {
            // Hashing learns nothing; only whether there is a value at all is asked.
            for (var row = 0; row < column.Length && _present == 0; row++) _present += column.GetUtf8(row).Length;
            return;
        }

        var rows = _counter.Add(column);
        if (_counter.Texts.Count > 1) _present = 1;
        if (_counter.Texts.Count > Preprocessor.MaxDistinctTexts)
            throw new DataFormatException(dataset.Name, 0, schema.Name, string.Create(CultureInfo.InvariantCulture, $"The column has more than {Preprocessor.MaxDistinctTexts} different texts, too many for categories. Hash it, or leave it out."));
        if (_isTargeted && targets is not null) (_sums ??= new TargetSums(targets.Folds, targets.Width)).Add(targets, rows, _counter.Texts.Count);
    }

    public void Build(GraphParts parts, LabelTargets? targets)
    {
        var name = schema.Name;
        if (_present == 0) throw EmptyColumns.Error(dataset, name);
        parts.Inputs.Add(TensorSpec.Of<string>(name, 1, name));
        var tensor = name;
        var indicators = new List<string>();
        for (var i = 0; i < steps.Count; i++)
        {
            switch (steps[i])
            {
                case ImputeTextStep impute:
                    if (impute.AddIndicator && _counter.Counts[0] > 0)
                        indicators.Add(parts.Add(new TextLookupOperator([], [], [1], [0]), tensor, $"{name}_missing"));
                    tensor = AddImpute(parts, tensor, impute);
                    continue;
                case OrdinalStep ordinal: AddOrdinal(parts, tensor, ordinal, steps.Skip(i + 1)); break;
                case TargetEncodeStep target: AddTarget(parts, tensor, target, targets!, steps.Skip(i + 1)); break;
                case OneHotStep oneHot: AddOneHot(parts, tensor, oneHot); break;
                case HashStep hash: AddBuckets(parts, tensor, new HashTextOperator(hash.Buckets, hash.IsSigned), hash.Buckets, "hashed"); break;
                case BagOfWordsStep bag: AddBuckets(parts, tensor, new BagOfWordsOperator(bag.Buckets, bag.IsSigned), bag.Buckets, "words"); break;
                default: throw new ArgumentException($"Column '{name}' holds texts at the step '{steps[i]}', which takes {(steps[i] is DatePartsStep ? "dates" : "numbers")}.");
            }

            foreach (var indicator in indicators) parts.AddFeatures(indicator, [$"{name} is missing"]);
            return;
        }

        throw new ArgumentException($"Column '{name}' is still a text after its last step. End its rule with a step that makes features of it, such as {nameof(OneHotStep)}.");
    }

    private string AddImpute(GraphParts parts, string tensor, ImputeTextStep step)
    {
        var replacement = step.Constant ?? Ordered().First().Text;
        var number = _counter.Replace(replacement);
        _sums?.Grow(_counter.Texts.Count);
        _sums?.Move(0, number);
        return parts.Add(new ImputeTextOperator(replacement), tensor, $"{schema.Name}_imputed");
    }

    private void AddOneHot(GraphParts parts, string tensor, OneHotStep step)
    {
        var ordered = Ordered().ToArray();
        var kept = ordered.Where(category => category.Rows >= step.MinCount).Take(step.MaxCategories).Select(category => category.Text).Order(StringComparer.Ordinal).ToArray();
        if (kept.Length < ordered.Length && step.Unseen == UnseenCategory.Refuse)
            throw new DataFormatException(dataset.Name, 0, schema.Name, string.Create(CultureInfo.InvariantCulture, $"The column has {ordered.Length} categories, of which {kept.Length} are kept, and unseen ones are refused. Raise MaxCategories, lower MinCount, or let them be zeros or Other."));
        if (kept.Length == 0 && step.Unseen != UnseenCategory.Other)
            throw new DataFormatException(dataset.Name, 0, schema.Name, string.Create(CultureInfo.InvariantCulture, $"None of {ordered.Length} categories occurs in {step.MinCount} rows. Lower MinCount, hash the column, or leave it out."));
        IEnumerable<string> names = kept.Select(category => $"{schema.Name}={category}");
        if (step.Unseen == UnseenCategory.Other) names = names.Append($"{schema.Name}=(other)");
        parts.AddFeatures(parts.Add(new OneHotTextOperator(kept, step.Unseen), tensor, $"{schema.Name}_one_hot"), names);
    }

    private void AddBuckets(GraphParts parts, string tensor, GraphOperator step, int buckets, string suffix)
        => parts.AddFeatures(parts.Add(step, tensor, $"{schema.Name}_{suffix}"), Enumerable.Range(0, buckets).Select(i => string.Create(CultureInfo.InvariantCulture, $"{schema.Name}#{i}")));

    private void AddOrdinal(GraphParts parts, string tensor, OrdinalStep step, IEnumerable<PreprocessingStep> next)
    {
        var seen = Ordered().ToArray();
        string[] categories = step.Categories.Count > 0 ? [.. step.Categories] : [.. seen.Select(category => category.Text).Order(StringComparer.Ordinal)];
        var positions = categories.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var unseen = seen.Count(category => !positions.ContainsKey(category.Text));
        if (unseen > 0 && step.RefuseUnseen)
            throw new DataFormatException(dataset.Name, 0, schema.Name, string.Create(CultureInfo.InvariantCulture, $"{unseen} categories of the data are not among the {categories.Length} of the ordinal step, and unseen ones are refused. Add them, or correct the data."));
        float[] other = [(float)step.UnseenValue];
        var values = categories.Select((_, i) => new float[] { i }).ToArray();
        var output = parts.Add(new TextLookupOperator(categories, values, other, step.RefuseUnseen ? null : other), tensor, $"{schema.Name}_ordinal");
        var summary = NumberSummary.Of(seen.Select(category => (positions.TryGetValue(category.Text, out var position) ? position : step.UnseenValue, category.Rows)).Append((step.UnseenValue, _counter.Counts[0])).Where(item => item.Item2 > 0), 0);
        NumberFitter.FitSingles(parts, dataset, next, output, schema.Name, schema.Name, [schema.Name], [summary]);
    }

    private void AddTarget(GraphParts parts, string tensor, TargetEncodeStep step, LabelTargets targets, IEnumerable<PreprocessingStep> next)
    {
        var count = _counter.Texts.Count;
        if (_sums?.Encode(count, step.Smoothing) is not { } all)
            throw new DataFormatException(dataset.Name, 0, dataset.Schema.Single(ColumnRole.Label).Name, "No row has a label and a weight above 0. A target encoding needs at least one.");
        var folds = new GraphOperator[targets.Folds];
        for (var fold = 0; fold < folds.Length; fold++)
        {
            // Where all labelled rows are in one fold, the others know nothing but the mean.
            var others = _sums.Encode(count, step.Smoothing, fold) ?? (Values: [.. Enumerable.Repeat(all.Prior, count)], all.Prior);
            folds[fold] = Lookup(others.Values, others.Prior);
        }

        var output = parts.Add(Lookup(all.Values, all.Prior), folds, tensor, $"{schema.Name}_target");
        var summaries = Enumerable.Range(0, targets.Width)
            .Select(i => NumberSummary.Of(Enumerable.Range(0, count).Where(category => _counter.Counts[category] > 0).Select(category => ((double)all.Values[category][i], _counter.Counts[category])), 0)).ToArray();
        NumberFitter.FitSingles(parts, dataset, next, output, schema.Name, schema.Name, Array.ConvertAll(targets.Suffixes, suffix => schema.Name + suffix), summaries);

        TextLookupOperator Lookup(float[][] values, float[] prior) => new([.. _counter.Texts.Skip(1)], values[1..], values[0], prior);
    }

    /// <summary>The categories, the most frequent first; equally frequent ones in ordinal order.</summary>
    private IEnumerable<(string Text, long Rows)> Ordered()
        => _counter.Texts.Zip(_counter.Counts).Skip(1).Where(pair => pair.Second > 0).OrderByDescending(pair => pair.Second).ThenBy(pair => pair.First, StringComparer.Ordinal);
}
