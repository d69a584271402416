namespace Mlops.Tracking;

/// <summary>Where a model version stands, in MLflow's four stages. Aliases say more; stages are kept for those who use them.</summary>
public enum ModelStage
{
    /// <summary>In no stage.</summary>
    None,

    /// <summary>Being tried.</summary>
    Staging,

    /// <summary>In use.</summary>
    Production,

    /// <summary>No longer in use.</summary>
    Archived,
}
