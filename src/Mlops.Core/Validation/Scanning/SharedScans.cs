using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>What several constraints of a column compute together.</summary>
internal sealed class SharedScans
{
    private OccurrenceScan? _occurrences;
    private MomentsSketch? _moments;
    private KllSketch? _quantiles;

    /// <summary>Asks for how often each value occurs.</summary>
    public OccurrenceScan GetOccurrences(ColumnSchema column) => _occurrences ??= new OccurrenceScan(column);

    /// <summary>Asks for the moments.</summary>
    public MomentsSketch GetMoments() => _moments ??= new MomentsSketch();

    /// <summary>Asks for the quantiles.</summary>
    public KllSketch GetQuantiles() => _quantiles ??= new KllSketch();

    /// <summary>Looks at rows, before the constraints do.</summary>
    public void Add(ColumnView view)
    {
        _occurrences?.Add(view);
        _moments?.Add(view.Numbers);
        _quantiles?.Add(view.Numbers);
    }
}
