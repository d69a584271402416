using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when its package, loaded and used, is not too large: on disk, in the managed heap, and in the process as a whole.</summary>
/// <remarks>
/// Needs <see cref="ModelValidationContext.Package"/>; with <see cref="ModelValidationContext.Rows"/> rows are predicted before memory is measured, as buffers of native
/// libraries come into being by then only. What else the process does meanwhile is measured with it. The model is released afterwards.
/// </remarks>
public sealed class MemoryValidator : IModelValidator
{
    /// <inheritdoc/>
    /// <value>The default value is <c>memory</c>.</value>
    public string Name { get; init => field = GateName.Of(value); } = "memory";

    /// <summary>Gets the largest size of the package on disk, in bytes.</summary>
    /// <value>The default value is 1 GiB; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public long? MaximumPackageBytes { get; init => field = value is { } given ? CheckLimit.AtLeast(given, 1L) : null; } = 1L << 30;

    /// <summary>Gets by how many bytes the managed heap may grow when the model is loaded and used.</summary>
    /// <value>The default value is 1 GiB; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public long? MaximumManagedBytes { get; init => field = value is { } given ? CheckLimit.AtLeast(given, 1L) : null; } = 1L << 30;

    /// <summary>Gets by how many bytes the memory of the process may grow, native libraries included, when the model is loaded and used.</summary>
    /// <value>The default value is 2 GiB; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public long? MaximumProcessBytes { get; init => field = value is { } given ? CheckLimit.AtLeast(given, 1L) : null; } = 2L << 30;

    /// <summary>Gets the number of rows that are predicted before memory is measured.</summary>
    /// <value>The default value is 1,000 rows, or as many as there are.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int SampleRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 1000;

    /// <summary>Gets whether the validator passes without judging when its need is not met.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ModelLoadException">The package cannot be loaded.</exception>
    public async ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Package is not { } package)
            return ModelCheck.Unmet(Name, IsOptional, $"there is no saved model to load; give it in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Package)}");
        var (managed, process) = (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
        var loaded = await LoadedPackage.LoadAsync(package, cancellationToken).ConfigureAwait(false);
        await using (loaded.ConfigureAwait(false))
        {
            if (context.Rows is { } rows) _ = await context.Candidate.PredictAgainAsync(loaded.Predictor, rows.Take(SampleRows), cancellationToken).ConfigureAwait(false);
            // The process first: a collection gives memory back that the model had needed.
            process = Math.Max(0, Environment.WorkingSet - process);
            managed = Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - managed);
        }

        GC.KeepAlive(loaded);
        var size = new DirectoryInfo(package.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        ModelCheckFigure[] figures =
        [
            Compare("package_size", size, MaximumPackageBytes),
            Compare("managed_growth", managed, MaximumManagedBytes),
            Compare("process_growth", process, MaximumProcessBytes),
        ];
        var limits = figures.Where(figure => figure.Verdict != ValidationVerdict.Pass).Select(figure => $"{figure.Name} may be at most {GateText.Bytes(figure.ReferenceValue!.Value)}");
        var reason = $"{GateText.Bytes(size)} on disk; loading and predicting took {GateText.Bytes(managed)} of the managed heap and {GateText.Bytes(process)} of the process";
        return ModelCheck.Of(Name, figures, string.Join("; ", limits.Prepend(reason))) with { PackageDigest = loaded.Directory.Digest };
    }

    private static ModelCheckFigure Compare(string name, long bytes, long? limit)
        => new(name, bytes > limit ? ValidationVerdict.Fail : ValidationVerdict.Pass) { Value = bytes, Reference = limit is null ? null : "at most", ReferenceValue = limit, Unit = "By" };
}
