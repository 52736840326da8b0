from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0002_inbox_order'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='proposedaction',
            index=models.Index(condition=models.Q(('status', 'approved'), _negated=True), fields=['status', '-proposed_at', 'id'], name='proposal_not_approved'),
        ),
        migrations.AddIndex(
            model_name='proposedaction',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['customer_name', 'expires_at'], name='proposal_pending_customer'),
        ),
        migrations.AddIndex(
            model_name='proposedaction',
            index=models.Index(fields=['customer_name', '-proposed_at'], name='proposal_by_customer'),
        ),
    ]
