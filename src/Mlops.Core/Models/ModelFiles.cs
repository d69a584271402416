namespace Mlops.Models;

/// <summary>The names of the files of a model directory.</summary>
public static class ModelFiles
{
    /// <summary>What the model is, in MLflow's format.</summary>
    public const string MLmodel = "MLmodel";

    /// <summary>The SHA-256 digests of all other files but the seals.</summary>
    public const string Manifest = "manifest.json";

    /// <summary>The seals of the manifest: who released the model. No part of the manifest.</summary>
    public const string Seal = "manifest.seal.json";

    /// <summary>The profile of the data the model was trained on: the reference of drift tests.</summary>
    public const string Profile = "profile.json";

    /// <summary>The report of the validation that the model has passed.</summary>
    public const string ValidationReport = "validation_report.json";

    /// <summary>Inputs and the outputs they must give; a host checks them before it serves the model.</summary>
    public const string GoldenRows = "golden_rows.json";
}
